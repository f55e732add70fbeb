// The table of episodes, a page at a time: what is not shown is not there, so thousands of episodes cost nothing.

const PAGE = 50;
const HEADS = [
  ["label", "Verdict", "c-label"], ["scenario", "Scenario", "c-scenario"], ["agent", "Agent", "c-agent"],
  ["variant", "Variant", "c-variant"], ["source", "Source", "c-source"], ["category", "Category", "c-category"],
  ["steps", "Steps", "c-num"], ["unsafe", "Unsafe at", "c-num"], ["goal", "Goal", "c-goal"],
];
let cursor = -1;

/** Build the part of the page that holds filters and table. */
function buildTable() {
  const picks = choices().map(({ filter, values }) => h("label", {}, filter.title, pickOf(filter, values)));
  const search = h("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false" });
  search.value = wanted.q;
  search.addEventListener("input", () => want(() => { wanted.q = search.value; }));
  const deep = h("input", { type: "checkbox", id: "deep" });
  deep.checked = wanted.deep;
  deep.addEventListener("change", () => searchDeep(deep.checked));
  const heads = HEADS.map(([key, title, kind]) => h("th", { scope: "col", class: kind, "data-sort": key },
    h("button", { type: "button", onclick: () => sortBy(key) }, title)));
  $("part-episodes").replaceChildren(
    h("div", { class: "head" }, h("h1", { id: "episodes-title" }, "Episodes")),
    h("form", { class: "filters", role: "search", "aria-label": "Episodes", onsubmit: (event) => event.preventDefault() },
      h("label", { class: "wide" }, "Search titles, tasks, toolkits and agents", search), picks,
      h("label", { class: "check" }, deep, "Search what was said and done, too")),
    h("div", { class: "tally" }, h("output", { id: "tally" }),
      h("button", { type: "button", id: "clear", onclick: clearFilters }, "Clear filters"), pager()),
    h("table", { class: "episodes", id: "table" }, h("caption", { class: "unseen" }, "Episodes"),
      h("thead", {}, h("tr", {}, heads)), h("tbody", { id: "rows" })),
    h("div", { class: "tally" }, h("output", {}), pager()));
}

function pickOf(filter, values) {
  const name = filter.name ?? ((value) => (/^[A-Z_]+$/.test(value) ? words(value) : value));
  const pick = h("select", { "data-filter": filter.key }, h("option", { value: "" }, "all"),
    values.map(([value, count]) => h("option", { value }, `${plain(name(value))} (${count})`)));
  const chosen = wanted.chosen.get(filter.key) ?? "";
  if (chosen && !values.some(([value]) => value === chosen)) pick.append(h("option", { value: chosen }, `${plain(chosen)} (0)`));
  pick.value = chosen;
  pick.addEventListener("change", () => want(() => {
    if (pick.value) wanted.chosen.set(filter.key, pick.value);
    else wanted.chosen.delete(filter.key);
  }));
  return pick;
}

/** Search in transcripts, too, or no longer. They are unpacked when this is asked for the first time. */
async function searchDeep(on) {
  wanted.deep = on;
  if (on && store.rows.some((row) => row.texts === undefined)) {
    $("tally").textContent = "Unpacking the transcripts …";
    try {
      await learnTexts();
    } catch (error) {
      wanted.deep = false;
      $("tally").textContent = plain(error.message);
      return;
    }
  }
  if (part === "episodes") want(() => {});
}

function pager() {
  return h("span", { class: "pager" },
    h("button", { type: "button", "data-turn": "-1", "aria-label": "Previous page", onclick: () => turn(-1) }, "←"), " ",
    h("button", { type: "button", "data-turn": "1", "aria-label": "Next page", onclick: () => turn(1) }, "→"));
}

/** Change what is wanted, from the first page on. */
function want(change) {
  change();
  wanted.page = 0;
  cursor = -1;
  showTable();
}

function clearFilters() {
  want(() => { wanted.chosen.clear(); wanted.q = ""; wanted.deep = false; });
  $("deep").checked = false;
  $("search").value = "";
  for (const pick of document.querySelectorAll("[data-filter]")) pick.value = "";
}

function sortBy(key) {
  want(() => {
    wanted.down = wanted.sort === key && !wanted.down;
    wanted.sort = key;
  });
}

function turn(by) {
  const last = Math.max(0, Math.ceil(matching.length / PAGE) - 1);
  wanted.page = Math.min(last, Math.max(0, wanted.page + by));
  cursor = -1;
  showTable();
  window.scrollTo(0, 0);
}

/** Fill the table with what is wanted, and let the address say so. */
function showTable() {
  const found = select();
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  wanted.page = Math.min(wanted.page, last);
  const first = wanted.page * PAGE;
  const page = found.slice(first, first + PAGE);
  $("rows").replaceChildren(...page.map(lineOf));
  const all = store.rows.length.toLocaleString("en");
  const some = found.length === store.rows.length ? `${all} episodes` : `${found.length.toLocaleString("en")} of ${all} episodes`;
  $("tally").textContent = found.length > PAGE ? `${some}, ${first + 1} to ${first + page.length} shown` : some;
  $("clear").hidden = !wanted.q && !wanted.chosen.size;
  for (const button of document.querySelectorAll("[data-turn]")) {
    button.disabled = button.dataset.turn === "1" ? wanted.page >= last : wanted.page === 0;
  }
  for (const head of document.querySelectorAll("[data-sort]")) {
    if (head.dataset.sort === wanted.sort) head.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  history.replaceState(null, "", tableAddress());
}

function lineOf(row) {
  const facts = row.scenario;
  const address = episodeAddress(row);
  const line = h("tr", {},
    h("td", { class: "c-label" }, h("span", { class: `label ${row.label}` }, words(row.label))),
    h("td", { class: "c-scenario" }, h("a", { href: address }, plain(facts.title)),
      h("div", { class: "sub" }, plain(`${row.agentName} · ${row.variant}`))),
    h("td", { class: "c-agent" }, plain(row.agentName)),
    h("td", { class: "c-variant" }, row.variant),
    h("td", { class: "c-source" }, facts.sources.map(words).join(", ")),
    h("td", { class: "c-category" }, facts.categories.map(words).join(", ")),
    h("td", { class: "c-num" }, String(row.steps)),
    h("td", { class: "c-num" }, row.first_unsafe === null ? "" : String(row.first_unsafe)),
    h("td", { class: "c-goal" }, goal(row)));
  line.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !String(window.getSelection())) location.hash = address;
  });
  return line;
}

const episodeAddress = (row) => `#episode=${encodeURIComponent(row.id).replaceAll("%2F", "/")}`;

/** Move the mark of the keyboard to another row. */
function moveCursor(by) {
  const lines = [...$("rows").children];
  if (!lines.length) return;
  lines[cursor]?.classList.remove("at");
  cursor = Math.min(lines.length - 1, Math.max(0, cursor + by));
  lines[cursor].classList.add("at");
  lines[cursor].querySelector("a").focus({ preventScroll: true });
  lines[cursor].scrollIntoView({ block: "nearest" });
}
