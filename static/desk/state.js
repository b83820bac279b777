/* What the desk knows at this moment; one phone, one desk. The pieces of the page read it, desk.js fills it. */
export const root = document.getElementById("desk");

export const desk = {
  ring: null, page: null, queue: null, matter: null, list: null, labels: {}, chosen: null, ticks: {}, records: [], bodies: {},
  counted: null, said: "", others: 0, saving: 0
};
