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
  const refused = await (await browser.newContext()).newPage();
  assert.equal((await refused.goto(url)).status(), 401, 'the page wants a password');

  const context = await browser.newContext({httpCredentials: {username, password}, viewport: {width: 1200, height: 800}});
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', error => problems.push(String(error)));
  page.on('request', request => { if (!request.url().startsWith(url)) problems.push(`outside request ${request.url()}`); });
  await page.goto(url);
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
  assert.match(await row('idle').innerText(), /running/i, 'the button started idle');
  await row('web').getByRole('button', {name: /^stop$/i}).click();
  await page.waitForLoadState();
  assert.match(await row('web').innerText(), /stopped/i, 'the button stopped web');
  await page.reload();
  assert.match(await row('web').innerText(), /stopped/i, 'a reload repeats nothing');

  // A form on another site has no token.
  const forged = await context.request.post(url, {form: {processname: 'idle', action: 'stop'}, headers: {Origin: 'http://evil.example'}});
  assert.ok(forged.status() >= 400, `a forged POST got ${forged.status()}`);

  await page.setViewportSize({width: 360, height: 700});
  await page.goto(url);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await page.screenshot({path: `${shots}/phone.png`});
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide for a phone`);
  assert.deepEqual(problems, []);
  console.log('ok');
} finally {
  await browser.close();
}
