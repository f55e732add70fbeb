// What the page knows: the rows of all episodes at once, transcripts when they are asked for.

const store = { data: null, rows: [], byId: new Map(), chunks: new Map(), waiting: new Map() };

/** Take in the data of a page: this one's, or a newer one's of the same server. */
function takeIn(text) {
  const data = JSON.parse(text);
  const at = Object.fromEntries(data.columns.map((name, index) => [name, index]));
  store.data = data;
  store.chunks.clear();
  store.byId.clear();
  store.rows = data.episodes.map((fields, index) => {
    const row = { index };
    for (const name in at) row[name] = fields[at[name]];
    row.agent = data.agents[row.agent];
    row.scenario = data.scenarios[row.scenario];
    row.id = row.agent.at ? `${row.name}@${row.agent.at + 1}` : row.name;
    row.agentName = row.agent.run ? `${row.agent.name} · ${row.agent.run}` : row.agent.name;
    const facts = row.scenario;
    row.words = [row.name, row.agentName, facts.title, facts.instruction, facts.pattern, ...facts.toolkits].join("\n").toLowerCase();
    store.byId.set(row.id, row);
    return row;
  });
}

/** The transcript of a row. Rejects with a sentence where it cannot be had. */
async function transcriptOf(row) {
  const number = store.data.starts.findLastIndex((start) => start <= row.index);
  if (!store.chunks.has(number)) store.chunks.set(number, fetched(number));
  const chunk = store.chunks.get(number);
  try {
    const told = (await chunk)[row.index - store.data.starts[number]];
    if (told?.name !== row.name) throw new Error("The transcripts are not those of this page; look again.");
    return told;
  } catch (error) {
    if (store.chunks.get(number) === chunk) store.chunks.delete(number);
    throw error;
  }
}

/** Let every row know the texts of its steps, for searching them: a chunk at a time, so that the page stays awake. */
async function learnTexts() {
  const { rows, data } = store;
  for (let number = 0; number < data.starts.length && store.data === data; number++) {
    const chunk = await fetched(number);
    chunk.forEach((told, at) => {
      const row = rows[data.starts[number] + at];
      if (row?.name === told.name) row.texts = textsOf([told.steps, told.siblings]).join("\n").toLowerCase();
    });
  }
}

/** Every text in a JSON value. */
function textsOf(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsOf) : [];
}

async function fetched(number) {
  const inside = $(`chunk-${number}`);
  const text = inside ? inside.textContent : await beside(number);
  if (!("DecompressionStream" in window)) throw new Error("This browser is too old to unpack transcripts.");
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

/** A chunk that lies beside the page. A script, since a page that was opened as a file may read nothing else. */
function beside(number) {
  const place = `${store.data.home}/${String(number).padStart(5, "0")}.js`;
  return new Promise((resolve, reject) => {
    store.waiting.set(number, resolve);
    const script = h("script", {
      src: store.data.version ? `${place}?${store.data.version}` : place,
      onerror: () => reject(new Error(`The transcripts in ${place} cannot be read; they belong beside this page.`)),
      onload: () => script.remove(),
    });
    document.head.append(script);
  });
}

window.autosafeChunk = (number, text) => store.waiting.get(number)?.(text);
