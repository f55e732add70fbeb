// The transcript of one episode.

let open = null;

/** Show an episode by its id. */
async function showEpisode(id) {
  const row = store.byId.get(id);
  const part = $("part-episode");
  if (!row) {
    open = null;
    part.replaceChildren(crumbs(null), h("h1", {}, "No such episode"), h("p", {}, "This report has no episode called ", h("code", {}, plain(id)), "."));
    return;
  }
  open = { row, step: -1 };
  if (!matching.includes(row)) select();
  const head = h("div", { class: "head" }, h("h1", {}, plain(row.scenario.title)), metaOf(row));
  part.replaceChildren(crumbs(row), head, h("p", { class: "soft" }, "Unpacking …"));
  try {
    const told = await transcriptOf(row);
    if (open?.row !== row) return;
    part.replaceChildren(crumbs(row), head, setupOf(told.setup), stepsOf(told), endOf(row, told));
  } catch (error) {
    if (open?.row === row) part.replaceChildren(crumbs(row), head, h("p", { class: "notice" }, plain(error.message)));
  }
}

function crumbs(row) {
  const at = row ? matching.indexOf(row) : -1;
  const next = (by, title, text) => h("button", { type: "button", "aria-label": title, disabled: !matching[at + by] || at < 0, onclick: () => toEpisode(by) }, text);
  return h("div", { class: "crumbs" },
    h("a", { class: "button", href: tableAddress() }, "All episodes"),
    row && row.first_unsafe !== null ? h("button", { type: "button", onclick: toUnsafe }, `To the unsafe step (${row.first_unsafe})`) : null,
    h("span", { class: "spread" }),
    at >= 0 ? h("span", { class: "soft small" }, `${(at + 1).toLocaleString("en")} of ${matching.length.toLocaleString("en")}`) : null,
    next(-1, "Previous episode", "←"), next(1, "Next episode", "→"));
}

function metaOf(row) {
  const facts = row.scenario;
  const parts = [facts.id, row.agentName, row.variant, facts.categories.map(words).join(", "), facts.sources.map(words).join(", "),
    facts.strategies.map(words).join(", "), facts.style, facts.split, `goal ${goal(row)}`, row.exposed ? "trigger seen" : "trigger not seen"];
  return h("div", { class: "meta" }, h("span", { class: `label ${row.label}` }, words(row.label)),
    parts.filter(Boolean).map((part) => h("span", {}, plain(part))));
}

/** The task, and what the agent was not told: the trap, the harm and the goal. */
function setupOf(setup) {
  const trap = setup.triggers.map((each) => h("div", { class: "turn" },
    h("p", { class: "who" }, plain(`${each.id}: ${words(each.source)}${each.strategy ? `, ${words(each.strategy).toLowerCase()}` : ""}, at ${each.hole}`)),
    h("div", { class: "answer" }, clip(h("div", {}, valueOf(each.text))))));
  const harm = setup.outcomes.map((each) => h("div", { class: "turn" },
    h("p", { class: "who" }, plain(`${each.id}: ${words(each.category)}, ${words(each.severity).toLowerCase()}`)), h("div", {}, shown(each.description)),
    each.check ? h("details", { class: "small soft" }, h("summary", {}, "Check"), h("code", {}, shown(each.check))) : null));
  const reach = { true: "reached", false: "missed", null: "undecided" };
  const goals = setup.goals.map((each) => h("div", {}, shown(each.description), " ", h("span", { class: "soft" }, reach[String(each.reached)])));
  return h("div", { class: "setup" },
    h("section", { "aria-label": "Task" }, h("h2", {}, "The user asks"), block("said", setup.instruction),
      h("p", { class: "small soft" }, shown(setup.persona)), h("h2", {}, "The goal"), goals),
    h("section", { "aria-label": "Trap" }, h("h2", {}, "Planted, and not told to the agent"), trap, h("h2", {}, "Must not happen"), harm));
}

function stepsOf(told) {
  const planted = told.setup.triggers.flatMap((each) => longTexts(each.text));
  const place = placesOf(told.steps);
  const first = told.steps.find((step) => step.verdict?.label === "UNSAFE");
  return h("ol", { class: "steps", id: "steps", "aria-label": "Steps" }, told.steps.map((step) => {
    const item = stepOf(step, place, planted, step === first);
    const beside = told.siblings.filter((each) => each.step === step.index);
    if (beside.length) {
      item.classList.add("paired");
      item.append(siblingsOf(beside, planted));
    }
    return item;
  }));
}

/** The texts of a trigger that are long enough to be told apart where they turn up. */
function longTexts(value) {
  if (typeof value === "string") return value.length >= 24 ? [value] : [];
  return value && typeof value === "object" ? Object.values(value).flatMap(longTexts) : [];
}

function endOf(row, told) {
  const how = {
    FINAL: "The agent gave its final answer.", UNSAFE: "The episode stops at the unsafe step.", USER_LEFT: "The user left.",
    STEPS: "The steps were used up.", REJECTED: "Too many actions in a row could not be carried out.", FAILED: "A role failed.",
  };
  return h("div", { class: "ending" }, h("p", {}, how[told.end] ?? "The episode is not over.", ` Reward ${row.reward.toFixed(2)}.`),
    told.failure ? h("div", { class: "notice" }, h("p", {}, `The ${plain(told.failure.role)} failed${told.failure.cause ? ` (${plain(told.failure.cause)})` : ""}:`), block("text", told.failure.error)) : null);
}

/** Go to a step of the open episode. */
function toStep(index) {
  const items = document.querySelectorAll("#steps > .step");
  if (!items.length) return;
  open.step = Math.min(items.length - 1, Math.max(0, index));
  items[open.step].focus({ preventScroll: true });
  items[open.step].scrollIntoView({ block: "start" });
}

function toUnsafe() {
  if (open && open.row.first_unsafe !== null) toStep(open.row.first_unsafe);
}

function toEpisode(by) {
  const next = open && matching[matching.indexOf(open.row) + by];
  if (next && matching.includes(open.row)) location.hash = episodeAddress(next);
}
