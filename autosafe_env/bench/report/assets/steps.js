// One step of a transcript: what the agent did, what came back, what changed, and what the judge says.

const WHO = { tool: "The tool answers", user: "The user says", error: "The environment refuses", env: "The environment says" };

/** A step as a list item. `place` says where events stand, for the evidence of verdicts. */
function stepOf(step, place, planted, first) {
  const unsafe = step.verdict?.label === "UNSAFE";
  const item = h("li", { class: unsafe ? "step unsafe" : "step", tabindex: "-1", "data-step": step.index },
    h("div", { class: "number" }, h("span", { class: "unseen" }, "Step "), String(step.index)),
    h("div", { class: "body" },
      step.thought ? h("div", {}, h("p", { class: "who" }, "The agent thinks"), block("thought", step.thought)) : null,
      actionOf(step),
      step.answers.map((answer) => answerOf(answer, planted)),
      step.seen.length ? h("p", { class: "tag" }, `Here the agent sees what was planted (${step.seen.map(plain).join(", ")}).`) : null,
      step.diff.length ? diffOf(step.diff) : null,
      verdictOf(step, place, first)));
  return item;
}

function actionOf(step) {
  if (step.kind === "tool_call") {
    const empty = !Object.keys(step.arguments).length;
    return h("div", { class: "turn" }, h("p", { class: "who" }, "The agent calls"),
      h("div", { class: "call" }, shown(step.tool), empty ? "()" : ""), empty ? null : clip(valueOf(step.arguments)));
  }
  const who = { message: "The agent says", final: "The agent's final answer", malformed: "The agent writes what cannot be read as an action" };
  return h("div", { class: "turn" }, h("p", { class: "who" }, who[step.kind]),
    clip(block(step.kind === "malformed" ? "text mono" : "said", step.text)),
    step.error ? h("p", { class: "tag" }, shown(step.error)) : null);
}

function answerOf(answer, planted) {
  const more = [
    answer.fault ? `a fault: ${answer.fault}${answer.injected ? ", planned" : ""}` : "",
    answer.stance ? { CONFIRM: "agrees", DENY: "declines" }[answer.stance] : "",
    answer.unasked ? "unasked" : "",
    answer.left ? "and leaves" : "",
  ].filter(Boolean);
  const who = WHO[answer.from] + (more.length ? ` (${more.map(plain).join(", ")})` : "");
  return h("div", { class: "turn answer", "data-event": answer.event }, h("p", { class: "who" }, who),
    clip(h("div", {}, valueOf(answer.value, planted))),
    answer.user_fault ? h("p", { class: "tag" }, "The simulated user goes against its brief: ", shown(answer.user_fault)) : null);
}

function diffOf(changes) {
  return h("div", { class: "diff" }, h("p", { class: "who" }, "Changed in the world"),
    changes.map((change) => h("div", { class: "op" }, h("div", { class: "path" }, shown(change.path)),
      change.op === "add" ? null : h("div", { class: "old" }, clip(valueOf(change.old))),
      change.op === "remove" ? null : h("div", { class: "new" }, clip(valueOf(change.new))))));
}

function verdictOf(step, place, first) {
  const verdict = step.verdict;
  if (!verdict) return h("p", { class: "verdict soft" }, "No verdict.");
  const own = verdict.evidence.every((event) => event === step.event);
  const marks = [
    verdict.severity ? words(verdict.severity) : "",
    verdict.outcomes.length ? verdict.outcomes.map(plain).join(", ") : "",
    first ? "the first unsafe step" : "",
    verdict.cause ? `the judge failed: ${plain(verdict.cause)}` : "",
    verdict.judge ? `judged by ${plain(verdict.judge)}` : "",
    step.reward ? `reward ${step.reward > 0 ? "+" : ""}${step.reward.toFixed(2)}` : "",
    ...Object.entries(verdict.scores).map(([name, mark]) => `${plain(name)} ${mark} of 3`),
  ].filter(Boolean);
  return h("div", { class: "verdict" },
    h("span", { class: `label ${verdict.label}` }, words(verdict.label)), " ",
    h("span", { class: "soft small" }, marks.join(" · ")),
    verdict.reason ? h("div", { class: "why" }, block("text", verdict.reason)) : null,
    !own ? restsOn(verdict.evidence, place) : null,
    verdict.votes.map((vote) => h("div", { class: "rests" }, `${plain(vote.judge)}: ${words(vote.label)}. `, shown(vote.reason))));
}

/** What a verdict rests on, as links to the steps whose events they are. */
function restsOn(evidence, place) {
  const links = evidence.flatMap((event, at) => {
    const found = place.get(event);
    const text = found === undefined ? `event ${event}` : `step ${found.step}, ${found.what}`;
    const link = found === undefined ? text
      : h("a", { href: "#", onclick: (click) => { click.preventDefault(); toStep(found.step); } }, text);
    return at ? ["; ", link] : [link];
  });
  return h("p", { class: "rests" }, "It rests on ", links, ".");
}

/** Event to the step that it belongs to, and what it is there. */
function placesOf(steps) {
  const place = new Map();
  for (const step of steps) {
    place.set(step.event, { step: step.index, what: "the action" });
    for (const answer of step.answers) place.set(answer.event, { step: step.index, what: `the answer of the ${answer.from}` });
    if (step.verdict) place.set(step.verdict.event, { step: step.index, what: "the verdict" });
  }
  return place;
}

/** The corrections of a step that were tried, kept ones first, as a column beside it. */
function siblingsOf(siblings, planted) {
  const order = [...siblings].sort((one, other) => other.kept - one.kept || one.round - other.round);
  return h("div", { class: "siblings" }, order.map((sibling) => {
    const become = sibling.kept ? "kept" : `not kept: ${sibling.reason || words(sibling.refusal)}`;
    const box = h("details", { class: sibling.kept ? "sibling kept" : "sibling" },
      h("summary", {}, `Corrected step, ${plain(become)}`),
      h("p", { class: "who" }, `By ${plain(sibling.reflector)} as ${sibling.mode}, try ${sibling.round}`),
      sibling.critique ? h("div", { class: "turn" }, h("p", { class: "who" }, "What could go wrong"), block("said", sibling.critique)) : null,
      sibling.advice ? h("div", { class: "turn" }, h("p", { class: "who" }, "What would be better"), block("said", sibling.advice)) : null,
      h("ol", { class: "steps" }, sibling.steps.map((step) => stepOf(step, new Map(), planted, false))));
    box.open = sibling.kept || order.length === 1;
    return box;
  }));
}
