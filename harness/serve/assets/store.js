"use strict";
// The store's page learns which runs go on now.
const list = document.getElementById("running");
new EventSource("/now").onmessage = (e) => {
  const runs = JSON.parse(e.data) || [];
  list.replaceChildren(...runs.map((run) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = "/run/" + run.Folder.split("/").map(encodeURIComponent).join("/") + "/live";
    link.textContent = run.Name + " " + run.Stamp;
    item.append(link);
    return item;
  }));
  if (runs.length === 0) {
    const none = document.createElement("li");
    none.className = "quiet";
    none.textContent = "Nothing runs.";
    list.append(none);
  }
};
