// Which part is shown, the keys, the theme, and following a run.

let part = "";

/** Show what the address says. */
function route() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const id = parts.get("episode");
  part = id !== null ? "episode" : parts.has("episodes") ? "episodes" : "summary";
  for (const name of ["summary", "episodes", "episode"]) $(`part-${name}`).hidden = name !== part;
  for (const link of document.querySelectorAll("[data-nav]")) {
    if (link.dataset.nav === part || (part === "episode" && link.dataset.nav === "episodes")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (part === "episodes") {
    wantFrom(parts);
    cursor = -1;
    buildTable();
    showTable();
    if (wanted.deep) searchDeep(true);
  } else if (part === "episode") {
    showEpisode(id);
  } else {
    open = null;
  }
  window.scrollTo(0, 0);
}

const typing = (target) => target instanceof Element && target.closest("input, select, textarea, dialog");

const KEYS = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
  n: () => next(1), ArrowRight: () => next(1), p: () => next(-1), ArrowLeft: () => next(-1),
  u: () => part === "episode" && (toUnsafe(), true),
  "/": () => { if (part !== "episodes") { location.hash = tableAddress(); route(); } $("search").focus(); return true; },
  "?": () => { $("keys").showModal(); return true; },
  Escape: () => part === "episode" && ((location.hash = tableAddress()), true),
};

function move(by) {
  if (part === "episodes") moveCursor(by);
  else if (part === "episode" && open) toStep(open.step + by);
  return part !== "summary";
}

function next(by) {
  if (part === "episodes") turn(by);
  else if (part === "episode") toEpisode(by);
  return part !== "summary";
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target === $("search")) return $("search").blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]()) event.preventDefault();
});

/** The other one of light and dark; what was chosen is kept where the browser allows it. */
const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  $("theme").textContent = dark() ? "Light" : "Dark";
}
function kept(name) {
  try {
    if (name) localStorage.setItem("autosafe-theme", name);
    return localStorage.getItem("autosafe-theme");
  } catch {
    return null;
  }
}
$("theme").addEventListener("click", () => theme(kept(dark() ? "light" : "dark") ?? (dark() ? "light" : "dark")));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme());
$("help").addEventListener("click", () => $("keys").showModal());

function heatPick() {
  $("heat-agent")?.addEventListener("change", (event) => {
    for (const map of document.querySelectorAll("#heat [data-agent]")) map.toggleAttribute("hidden", map.dataset.agent !== event.target.value);
  });
}

/** Ask the server whether the run has grown, and take in what is new without losing the reader's place. */
async function follow() {
  try {
    const version = await (await fetch("version")).text();
    $("live").textContent = "following";
    if (version === store.data.version) return;
    const page = new DOMParser().parseFromString(await (await fetch("./")).text(), "text/html");
    takeIn(page.getElementById("data").textContent);
    const agent = $("heat-agent")?.value;
    $("part-summary").replaceChildren(...page.getElementById("part-summary").childNodes);
    heatPick();
    if (agent && $("heat-agent")) { $("heat-agent").value = agent; $("heat-agent").dispatchEvent(new Event("change")); }
    if (part === "episodes" && !typing(document.activeElement)) { buildTable(); showTable(); } else if (part === "episodes") showTable();
    if (wanted.deep) await searchDeep(true);
    if (part === "episode" && open) { open.row = store.byId.get(open.row.id) ?? open.row; select(); }
  } catch {
    $("live").textContent = "the server is gone";
  }
}

takeIn($("data").textContent);
theme(kept());
heatPick();
select();
route();
window.addEventListener("hashchange", route);
if (store.data.version) setInterval(follow, 2000);
document.documentElement.dataset.ready = "yes";
