// SPDX-License-Identifier: MIT
// One visit to the status page, as a person would: node page.mjs URL USER PASSWORD SCREENSHOT-DIRECTORY
// Prints "ok" when everything held, else throws. page_test.py boots foster and checks the other side.
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const [url, username, password, shots] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync'],
});
try {
  // By a request, not by goto: a browser without a window has nobody to ask for a password, and calls the 401 a broken page.
  const stranger = (await browser.newContext()).request;
  const refused = await stranger.get(url);
  assert.equal(refused.status(), 401, 'the page wants a password');
  assert.match(refused.headers()['www-authenticate'], /^Basic /, 'a browser is told how to ask for it');
  assert.equal((await stranger.post(url, {form: {processname: 'web', action: 'stop'}})).status(), 401, 'buttons want it too');

  const context = await browser.newContext({httpCredentials: {username, password}, viewport: {width: 1200, height: 800}});
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', error => problems.push(String(error)));
  page.on('request', request => { if (!request.url().startsWith(url)) problems.push(`outside request ${request.url()}`); });
  await page.goto(url);
  const note = page.locator('.note');
  const row = name => page.locator('tr', {hasText: name}).first();
  assert.match(await row('web').innerText(), /running/i);
  assert.match(await row('idle').innerText(), /stopped/i);
  await page.screenshot({path: `${shots}/wide.png`});

  // No state change by GET: an <img> on another site may load any URL.
  await page.goto(`${url}index.html?processname=web&action=stop`);
  await page.goto(url);
  assert.match(await row('web').innerText(), /running/i, 'a GET stopped web');

  await row('idle').getByRole('button', {name: /start/i}).first().click();
  await page.waitForLoadState();
  assert.match(await note.innerText(), /^Process idle started$/, 'the outcome is told');
  assert.match(await row('idle').innerText(), /running/i, 'the button started idle');
  await row('web').getByRole('button', {name: /^stop$/i}).click();
  await page.waitForLoadState();
  assert.match(await row('web').innerText(), /stopped/i, 'the button stopped web');
  assert.match(await note.innerText(), /^Process web stopped$/);
  await page.reload();
  assert.equal(await note.count(), 0, 'the outcome is told once');
  assert.match(await row('web').innerText(), /stopped/i, 'a reload repeats nothing');

  // A form on another site: the browser names that site.
  const form = {processname: 'idle', action: 'stop'};
  const forged = await context.request.post(url, {form, headers: {Origin: 'http://evil.example'}});
  assert.equal(forged.status(), 403, 'a forged POST is refused');
  const crossed = await context.request.post(url, {form, headers: {'Sec-Fetch-Site': 'cross-site'}});
  assert.equal(crossed.status(), 403, 'a forged POST is refused by the browser\'s own word');
  await page.reload();
  assert.match(await row('idle').innerText(), /running/i, 'a forged POST stopped idle');

  await page.goto(`${url}tail.html?processname=web`);
  assert.match(await page.locator('pre').innerText(), /hello from web/);
  await page.screenshot({path: `${shots}/log.png`});

  await page.setViewportSize({width: 360, height: 700});
  for (const path of ['', 'tail.html?processname=web', '?action=stop&processname=web']) {
    await page.goto(url + path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `/${path} is ${overflow} px too wide for a phone`);
  }
  await page.goto(url);
  await page.screenshot({path: `${shots}/phone.png`});
  await page.emulateMedia({colorScheme: 'dark'});
  await page.screenshot({path: `${shots}/dark.png`});
  const [ink, paper] = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  const light = colour => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
  assert.ok(light(ink) > light(paper) + 300, `dark: ${ink} on ${paper}`);
  assert.deepEqual(problems, []);
  console.log('ok');
} finally {
  await browser.close();
}
