// SPDX-License-Identifier: MIT
#include "gateway/web_page.h"

#include <fmt/format.h>

#include "gateway/namespec.h"
#include "gateway/process_info.h"
#include "gateway/text_codec.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

// The script fetches this page again and puts its <main> in place of the old one, unless a button has the
// focus.
constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{0}</title><style>
:root{{--ink:#1b1f24;--soft:#5a6470;--paper:#fff;--line:#d5dae0;--good:#13703a;--bad:#b3261e;--wait:#8a5a00}}
@media(prefers-color-scheme:dark){{:root{{--ink:#e6e9ec;--soft:#9aa4ae;--paper:#15181c;--line:#343b43;--good:#5fcf8e;
--bad:#ff8a80;--wait:#f0b952}}}}
*{{box-sizing:border-box}}body{{font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);
margin:0 auto;max-width:70rem;padding:1rem}}h1{{font-size:1.3rem;margin:.2rem 0 1rem}}a{{color:inherit}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;padding:.45rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}}th{{color:var(--soft);font-weight:500}}
form{{display:inline}}button{{font:inherit;color:inherit;background:transparent;border:1px solid var(--line);
border-radius:.4rem;padding:.15rem .7rem;margin:.1rem .2rem .1rem 0;cursor:pointer}}
button:hover,button:focus-visible{{border-color:var(--ink)}}
.good{{color:var(--good)}}.bad{{color:var(--bad)}}.wait{{color:var(--wait)}}.off,.soft{{color:var(--soft)}}
.state{{white-space:nowrap;font-weight:600}}.note,.banner{{border:1px solid var(--line);border-left:.3rem solid
var(--good);padding:.5rem .8rem;margin:0 0 1rem}}.banner{{border-left-color:var(--bad)}}
pre{{overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 ui-monospace,monospace;margin:.4rem 0}}
@media(max-width:40rem){{thead{{display:none}}tr{{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}}
td{{display:block;border:0;padding:.1rem 0}}button{{padding:.4rem .9rem}}}}
</style></head><body><h1>{0}</h1>
)";

constexpr std::string_view kRefresh = R"(<script>
setInterval(async()=>{if(document.hidden||document.activeElement.tagName==="BUTTON")return;try{
const r=await fetch(location.pathname,{cache:"no-store"});if(!r.ok)return;
const d=new DOMParser().parseFromString(await r.text(),"text/html");
const n=d.querySelector("main"),o=document.querySelector("main");if(n&&o)o.replaceWith(n)}catch(e){}},3000)
</script>
)";

struct Look {
  std::string_view css;
  std::string_view shape;
};

// Shape and colour both: neither is needed to tell the states apart.
Look LookOf(SupervisordState state) {
  switch (state) {
    case SupervisordState::kRunning:
      return {"good", "\u25CF"};
    case SupervisordState::kStarting:
    case SupervisordState::kStopping:
      return {"wait", "\u25D0"};
    case SupervisordState::kBackoff:
      return {"bad", "\u25B2"};
    case SupervisordState::kFatal:
      return {"bad", "\u2716"};
    case SupervisordState::kStopped:
      return {"off", "\u25CB"};
    case SupervisordState::kExited:
      return {"off", "\u25A1"};
  }
  return {"off", "?"};
}

std::string Head(const PageText& page) {
  std::string html = fmt::format(kHead, HtmlEscape(page.workload) + " \u2013 foster");
  if (!page.message.empty()) html += "<p class=note role=status>" + HtmlEscape(page.message) + "</p>\n";
  return html;
}

std::string Button(std::string_view action, std::string_view label, const std::string& name) {
  return fmt::format(
      "<form method=post action=\"./\"><input type=hidden name=processname value=\"{0}\">"
      "<button name=action value={1} title=\"{2} {3}\">{2}</button></form>",
      HtmlEscape(name), action, label, name.empty() ? "all" : HtmlEscape(name));
}

std::string Banner(const WorkloadStatus& workload) {
  bool has_errors = HasErrors(workload.diagnostics);
  if (workload.source != "seed" && workload.source != "none" && !has_errors) return "";
  std::string html = "<div class=banner role=alert><strong>";
  if (workload.source == "seed")
    html += "This workload runs on its seed: its own config cannot be used.";
  else if (workload.source == "none")
    html += "This workload has no config that can be used.";
  else
    html += "The config file has errors; the services run by the last valid one.";
  html += "</strong> " + HtmlEscape(workload.project);
  for (const auto& diagnostic : workload.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    html += "<pre>" + HtmlEscape(fmt::format("{}:{}:{}: {}", diagnostic.origin.file, diagnostic.origin.line,
                                             diagnostic.origin.column, diagnostic.text));
    if (!diagnostic.source_line.empty()) html += "\n  " + HtmlEscape(diagnostic.source_line);
    if (!diagnostic.hint.empty()) html += "\nhint: " + HtmlEscape(diagnostic.hint);
    html += "</pre>";
  }
  return html + "</div>\n";
}

std::string Row(const ServiceStatus& service) {
  SupervisordState state = SupervisordStateOf(service.state);
  Look look = LookOf(state);
  std::string name = ShownName(NamespecOf(service));
  std::string description = DescriptionOf(service);
  if (!service.description.empty())
    description += (description.empty() ? "" : " \u2013 ") + service.description;
  std::string buttons = IsRunningState(state) || service.state == State::kWaiting
                            ? Button("restart", "Restart", name) + Button("stop", "Stop", name)
                            : Button("start", "Start", name);
  return fmt::format(
      "<tr><td class=\"state {}\"><span aria-hidden=true>{}</span> {}</td>"
      "<td><a href=\"tail.html?processname={}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      look.css, look.shape, NameOf(state), PercentEncode(name), HtmlEscape(name), HtmlEscape(description),
      service.restarts ? fmt::format("{} restart{}", service.restarts, service.restarts == 1 ? "" : "s") : "",
      buttons);
}

}  // namespace

std::string StatusPage(const PageText& page, const std::vector<ServiceStatus>& services,
                       const WorkloadStatus& workload) {
  std::string html = Head(page) + "<main>" + Banner(workload);
  html += "<p>" + Button("startall", "Start all", "") + Button("stopall", "Stop all", "") +
          Button("restartall", "Restart all", "") + "</p>\n";
  if (services.empty()) html += "<p class=soft>This workload has no services.</p>";
  html += "<table><thead><tr><th>State<th>Name<th>Description<th>Restarts<th>Actions</tr></thead><tbody>\n";
  for (const auto& service : services) html += Row(service);
  html += "</tbody></table>\n<p class=soft>foster " FOSTER_VERSION "</p></main>\n";
  return html + std::string(kRefresh) + "</body></html>\n";
}

std::string TailPage(const PageText& page, const std::string& name, const std::string& log) {
  return Head(page) + "<main><p><a href=\"./\">All services</a> \u00B7 <a href=\"tail.html?processname=" +
         PercentEncode(name) + "\">Refresh</a></p><h2>" + HtmlEscape(name) + "</h2><pre>" + HtmlEscape(log) +
         "</pre></main></body></html>\n";
}

std::string ConfirmPage(const PageText& page, const std::string& action, const std::string& name) {
  return Head(page) + "<main><p>Do this now?</p><p>" + Button(HtmlEscape(action), HtmlEscape(action), name) +
         "<a href=\"./\">No, back to the list</a></p></main></body></html>\n";
}

HttpResponse PageResponse(int status, std::string html) {
  HttpResponse response = HtmlResponse(status, std::move(html));
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Referrer-Policy", "same-origin"});
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
       "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"});
  return response;
}

}  // namespace foster
