/** The page's looks, and the few lines that keep it current without losing what is being typed. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; }
header { display: flex; gap: 1em; justify-content: space-between; padding: .6em 1em; background: #3f0e40; color: #fff; }
header a { color: #fff; } nav > * { margin-left: .5em; }
#problem:not(:empty) { background: #b3261e; color: #fff; padding: .4em 1em; }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5em; padding: 0 1em 1em; }
@media (max-width: 60em) { main { grid-template-columns: minmax(0, 1fr); } }
h2 { font-size: 1.1em; } h3 { margin: .2em 0; font-size: 1.05em; } p { margin: .3em 0; overflow-wrap: anywhere; }
#channel { max-height: 76vh; overflow: auto; }
article { border-left: 4px solid var(--line); padding: .3em .7em; margin: .5em 0; }
article.muster { border-left-color: #1264a3; } article.private { background: var(--soft); border-left-style: dashed; }
.who, .context, summary { color: #777; font-size: .87em; } .who b { color: CanvasText; }
.thread { margin-left: 1.5em; } form { display: inline; } .buttons { margin: .4em 0; }
button { font: inherit; padding: .2em .7em; border-radius: 4px; border: 1px solid var(--line); margin: .1em; cursor: pointer; }
button.primary { background: #007a5a; color: #fff; } button.danger { background: #b3261e; color: #fff; }
button.pin { border: 0; background: none; padding: 0 .3em; }
.composer { display: flex; gap: .5em; margin-top: .5em; } .composer input[name=text] { flex: 1; font: inherit; padding: .4em; }
.shade { position: fixed; inset: 0; background: #0008; display: grid; place-items: center; }
.dialog { background: Canvas; padding: 1em 1.4em; border-radius: 8px; width: min(36em, 90vw); max-height: 86vh; overflow: auto; }
.input { display: block; margin: .6em 0; } .input > * { display: block; width: 100%; } .input span input { width: auto; }
.file { margin-right: .6em; }
`;

export const SCRIPT = `
const served = new Map();
async function refresh() {
  const answer = await fetch(location.href).catch(() => undefined);
  if (!answer) { document.getElementById("problem").textContent = "The emulator has ended."; return; }
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["problem", "channel", "home", "direct", "form"]) {
    const html = next.getElementById(id).innerHTML;
    const part = document.getElementById(id);
    const typing = part.contains(document.activeElement) && document.activeElement.name === "text" && document.activeElement.value !== "";
    if (served.get(id) === html || typing) continue;
    const known = served.has(id);
    served.set(id, html);
    const typed = new Map([...part.querySelectorAll("textarea, select")].map((one) => [one.name, one.value]));
    const atEnd = part.scrollHeight - part.scrollTop - part.clientHeight < 60;
    part.innerHTML = html;
    for (const one of part.querySelectorAll("textarea")) one.value = typed.get(one.name) ?? one.value;
    if (atEnd || !known) part.scrollTop = part.scrollHeight;
  }
}
async function send(form, extra) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(extra ?? {})) body.set(name, value);
  const answer = await fetch(extra?.action ?? form.action, { method: "POST", body });
  if (!answer.ok) document.getElementById("problem").textContent = await answer.text();
  await refresh();
}
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const asks = event.submitter?.dataset.confirm;
  if (asks && !confirm(asks)) return;
  const form = event.target;
  const text = form.querySelector("input[name=text]");
  const sent = send(form);
  if (text) { text.value = ""; text.blur(); form.classList.contains("composer") && text.focus(); }
  return sent;
});
document.addEventListener("change", (event) => {
  if (event.target.name === "region" && event.target.value) send(event.target.form, { action: "/choose" });
});
document.getElementById("channel").scrollTop = 1e9;
setInterval(refresh, 1000);
refresh();
`;
