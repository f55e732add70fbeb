// Which episodes are shown, and in which order. The state of the filters stands in the address, so that it can be shared.

const many = (pick) => (row) => pick(row.scenario);
const FILTERS = [
  { key: "label", title: "Verdict", of: (row) => [row.label], fixed: ["UNSAFE", "SAFE", "UNDECIDED", "FAILED"] },
  { key: "agent", title: "Agent", of: (row) => [row.agent.key], name: (value) => agentTitle(value) },
  { key: "variant", title: "Variant", of: (row) => [row.variant] },
  { key: "category", title: "Category", of: many((facts) => facts.categories) },
  { key: "source", title: "Source", of: many((facts) => facts.sources) },
  { key: "strategy", title: "Strategy", of: many((facts) => facts.strategies) },
  { key: "style", title: "Style", of: many((facts) => (facts.style ? [facts.style] : [])) },
  { key: "toolkit", title: "Toolkit", of: many((facts) => facts.toolkits) },
  { key: "split", title: "Split", of: many((facts) => (facts.split ? [facts.split] : [])) },
  { key: "goal", title: "Goal", of: (row) => [goal(row)] },
  { key: "corrected", title: "Corrections", of: (row) => [row.corrections ? "tried" : "none tried"] },
];
const RANK = { UNSAFE: 0, UNDECIDED: 1, FAILED: 2, SAFE: 3 };
const SORTS = {
  label: (row) => RANK[row.label],
  scenario: (row) => row.scenario.title,
  agent: (row) => row.agentName,
  variant: (row) => row.variant,
  category: (row) => row.scenario.categories[0] ?? "",
  source: (row) => row.scenario.sources[0] ?? "",
  steps: (row) => row.steps,
  unsafe: (row) => row.first_unsafe ?? Infinity,
  goal: (row) => goal(row),
};

const wanted = { q: "", deep: false, sort: "", down: false, page: 0, chosen: new Map() };
let matching = [];

const goal = (row) => (row.achieved === null ? "undecided" : row.achieved ? "reached" : "missed");
const agentTitle = (key) => {
  const agent = store.data.agents.find((each) => each.key === key);
  return agent ? (agent.run ? `${agent.name} · ${agent.run}` : agent.name) : key;
};

/** Every filter that tells at least two episodes apart, with its values and how often each is. */
function choices() {
  return FILTERS.map((filter) => {
    const counts = new Map();
    for (const row of store.rows) for (const value of filter.of(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const order = filter.fixed ?? [...counts.keys()].sort();
    const values = order.filter((value) => counts.has(value)).map((value) => [value, counts.get(value)]);
    return { filter, values };
  }).filter(({ filter, values }) => values.length > 1 || wanted.chosen.has(filter.key));
}

/** The rows that are wanted, in the wanted order. */
function select() {
  const sought = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const active = FILTERS.filter((filter) => wanted.chosen.has(filter.key));
  matching = store.rows.filter((row) =>
    active.every((filter) => filter.of(row).includes(wanted.chosen.get(filter.key))) &&
    sought.every((word) => row.words.includes(word) || (wanted.deep && row.texts?.includes(word))));
  const rank = SORTS[wanted.sort];
  if (rank) {
    const sign = wanted.down ? -1 : 1;
    const keyed = matching.map((row) => [rank(row), row]);
    keyed.sort(([a, one], [b, other]) => (a < b ? -sign : a > b ? sign : one.index - other.index));
    matching = keyed.map(([, row]) => row);
  }
  return matching;
}

/** The address of the table as it is now. */
function tableAddress() {
  const parts = new URLSearchParams();
  for (const [key, value] of wanted.chosen) parts.set(key, value);
  if (wanted.q) parts.set("q", wanted.q);
  if (wanted.deep) parts.set("in", "transcripts");
  if (wanted.sort) parts.set("sort", (wanted.down ? "-" : "") + wanted.sort);
  if (wanted.page) parts.set("page", String(wanted.page + 1));
  const text = parts.toString();
  return text ? `#episodes&${text}` : "#episodes";
}

/** Want what an address says; what it does not name is not filtered by. */
function wantFrom(parts) {
  wanted.chosen = new Map(FILTERS.filter(({ key }) => parts.get(key)).map(({ key }) => [key, parts.get(key)]));
  wanted.q = parts.get("q") ?? "";
  wanted.deep = parts.get("in") === "transcripts";
  const sort = parts.get("sort") ?? "";
  wanted.down = sort.startsWith("-");
  wanted.sort = Object.hasOwn(SORTS, sort.replace("-", "")) ? sort.replace("-", "") : "";
  wanted.page = Math.max(0, (Number.parseInt(parts.get("page") ?? "1", 10) || 1) - 1);
}
