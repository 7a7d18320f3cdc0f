// SPDX-License-Identifier: MIT
#include "gateway/page_assets.h"

namespace foster {

const std::string_view kPageStyle = R"(
:root{--ink:#1c2127;--soft:#5b6570;--paper:#f6f7f9;--card:#fff;--line:#dde1e6;--press:#eef0f3;--good:#13713b;
--bad:#b3261e;--wait:#8a5a00;--focus:#2563c9}
@media(prefers-color-scheme:dark){:root{--ink:#e5e8eb;--soft:#9ba5af;--paper:#111417;--card:#191d21;--line:#30363d;
--press:#252b31;--good:#5fcf8e;--bad:#ff8a80;--wait:#f0b952;--focus:#8ab4f8}}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper);margin:0}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.5rem}
h1{font-size:1.35rem;line-height:1.2;font-weight:650;margin:0;overflow-wrap:anywhere}
a{color:inherit;text-decoration-color:var(--line);text-underline-offset:.2em}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.soft,footer{color:var(--soft)}
footer{font-size:.85rem;padding-top:.9rem;padding-bottom:2rem;overflow-wrap:anywhere}
.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.6rem 1.5rem;margin:.7rem 0 1rem}
.bar ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:0;padding:0}
.buttons{display:flex;flex-wrap:wrap;gap:.4rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.6rem 1rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--soft);font-weight:500;font-size:.85rem;padding-top:.5rem;padding-bottom:.5rem}
thead th{border-top:0}
th.num,td.num{text-align:right}
th:last-child,td:last-child{width:1%}
td:last-child .buttons{flex-wrap:nowrap;justify-content:flex-end}
td.state{width:8.5rem;white-space:nowrap}
td.name{font-weight:600;min-width:9rem}
td.name span{display:block;font-weight:400;font-size:.85rem;color:var(--soft)}
form{display:contents}
button{font:inherit;font-size:.9rem;color:inherit;background:var(--card);border:1px solid var(--line);
border-radius:.4rem;padding:.2rem .75rem;cursor:pointer;white-space:nowrap}
button:hover{background:var(--press);border-color:var(--soft)}
button.busy{opacity:.5;cursor:progress}
.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}.off{color:var(--soft)}
.state strong,li strong{font-weight:600}
i{display:inline-block;width:12px;height:12px;margin-right:.5em;border-radius:50%;vertical-align:-1px}
i.running{background:currentColor}
i.starting,i.stopping,i.killing,i.finishing{border:2px solid;background:linear-gradient(90deg,currentColor 50%,transparent 0)}
i.stopping,i.killing,i.finishing{transform:scaleX(-1)}
i.stopped{border:2px solid}
i.waiting{border:2px dotted}
i.exited{border:2px solid;border-radius:.12em}
i.backoff{background:currentColor;border-radius:0;clip-path:polygon(50% 0,100% 100%,0 100%)}
i.failed{background:currentColor;border-radius:0;
clip-path:polygon(20% 0,50% 30%,80% 0,100% 20%,70% 50%,100% 80%,80% 100%,50% 70%,20% 100%,0 80%,30% 50%,0 20%)}
.note{background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--good);border-radius:.4rem;
padding:.55rem .9rem;margin:1rem 0 0;overflow-wrap:anywhere}
.note.error{border-left-color:var(--bad)}.note.later{border-left-color:var(--wait)}
main>.note{margin:0 0 1rem}
.empty{padding:1.2rem 1rem;margin:0}
pre{margin:0;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,"SF Mono",Menlo,
Consolas,"DejaVu Sans Mono",monospace}
.note pre{padding:.4rem 0 0}
@media(max-width:46rem){
header,main,footer{padding-left:.9rem;padding-right:.9rem}
.bar{margin-bottom:.8rem}
thead{display:none}
table,tbody{display:block}
tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.15rem .8rem;padding:.8rem .9rem;border-top:1px solid var(--line)}
tr:first-child{border-top:0}
td,td.num{display:block;border:0;padding:0;text-align:left;width:auto;min-width:0}
td:last-child{width:auto}
td.name{order:1}
td.state{order:2;width:auto;text-align:right}
td.detail{order:3;grid-column:1/-1;color:var(--soft)}
td.num{order:4;grid-column:1/-1;color:var(--soft)}
td:empty{display:none}
td.actions{order:5;grid-column:1/-1;margin-top:.45rem}
td:last-child .buttons{justify-content:flex-start}
button{padding:.45rem 1rem}
}
)";

const std::string_view kPageScript = R"(
let busy=false
addEventListener("submit",e=>{busy=true;if(e.submitter)e.submitter.classList.add("busy")})
addEventListener("pageshow",e=>{if(e.persisted)location.reload()})
if(location.search.startsWith("?message="))history.replaceState(null,"",location.pathname)
setInterval(async()=>{
if(busy||document.hidden||document.activeElement.tagName==="BUTTON")return
try{
const reply=await fetch(location.href,{cache:"no-store"})
if(!reply.ok)return
const fresh=new DOMParser().parseFromString(await reply.text(),"text/html").querySelector("main")
const old=document.querySelector("main")
if(busy||!fresh||!old||fresh.isEqualNode(old)||String(getSelection()))return
const page=document.documentElement,at_end=page.scrollHeight-page.scrollTop-page.clientHeight<8
old.replaceWith(fresh)
if(at_end&&document.body.dataset.follow)page.scrollTop=page.scrollHeight
}catch(e){}
},3000)
)";

}  // namespace foster
