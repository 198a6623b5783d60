// Small conveniences. Every page works without this file; what needs it is hidden in the HTML and shown here.
"use strict";

// Parts that renew themselves: data-live holds the address of an HTML fragment. The answer's header "X-Live: done"
// ends it and, where it names one, "X-Live-Next" is an address of ours to go to.
function keepLive(part) {
  const pause = Math.max(1, Number(part.dataset.seconds) || 2) * 1000;
  let failures = 0;
  let timer = 0;
  const again = () => { timer = setTimeout(renew, Math.min(pause * 2 ** failures, 30000)); };

  async function renew() {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Live": "fragment" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== part.lastText && !part.contains(document.activeElement)) {
        part.lastText = text;
        part.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
        showConveniences(part);
      }
      failures = 0;
      delete part.dataset.state;
      const state = answer.headers.get("X-Live");
      const next = answer.headers.get("X-Live-Next");
      if (state === "done" && next && next.startsWith("/") && !next.startsWith("//")) { location.assign(next); return; }
      if (state === "done") { part.dataset.state = "done"; return; }
    } catch {
      failures += 1;
      if (failures > 1) part.dataset.state = "lost";
    }
    again();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || part.dataset.state === "done") return;
    clearTimeout(timer);
    renew();
  });
  again();
}

async function copy(button) {
  const words = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch { // Without a secure connection there is no clipboard: mark the text, so that one key copies it.
    const value = button.closest(".copy, .secret")?.querySelector(".value");
    if (value) getSelection().selectAllChildren(value);
    return;
  }
  const before = words.textContent;
  words.textContent = button.dataset.done;
  setTimeout(() => { words.textContent = before; }, 2000);
}

// The picture is drawn here, in the browser, so that the code does not travel again.
function savePicture(card) {
  const svg = card.querySelector(".qr svg");
  const value = card.querySelector(".value").textContent.trim();
  const lines = JSON.parse(card.dataset.lines || "[]");
  const canvas = document.createElement("canvas");
  canvas.width = 1080;
  canvas.height = 980 + lines.length * 52;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  drawCode(pen, svg, 290, 60, 500);
  pen.fillStyle = "#1f1f1f";
  pen.textAlign = "center";
  pen.font = "600 46px ui-monospace, monospace";
  let y = 650;
  for (const row of wrapped(pen, value, 980)) { pen.fillText(row, 540, y); y += 62; }
  pen.font = "34px Inter, system-ui, sans-serif";
  pen.fillStyle = "#525252";
  y += 30;
  for (const line of lines) for (const row of wrapped(pen, line, 980)) { pen.fillText(row, 540, y); y += 48; }
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${card.dataset.picture}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, "image/png");
}

// Paths of the QR drawing are strokes one unit thick in a square view box.
function drawCode(pen, svg, x, y, size) {
  const scale = size / svg.viewBox.baseVal.width;
  for (const path of svg.querySelectorAll("path")) {
    pen.save();
    pen.translate(x, y);
    pen.scale(scale, scale);
    const own = path.transform.baseVal.consolidate()?.matrix;
    if (own) pen.transform(own.a, own.b, own.c, own.d, own.e, own.f);
    const drawing = new Path2D(path.getAttribute("d"));
    pen.strokeStyle = pen.fillStyle = "#000";
    if (path.getAttribute("stroke")) pen.stroke(drawing); else pen.fill(drawing);
    pen.restore();
  }
}

function wrapped(pen, text, width) {
  const rows = [""];
  for (const word of text.split(/(?<=[\s-])/)) {
    if (pen.measureText(rows.at(-1) + word).width > width && rows.at(-1)) rows.push("");
    rows[rows.length - 1] += word;
  }
  return rows.map((row) => row.trim());
}

// Leaving a half-filled form asks first; sending it does not.
function guard(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

// A code from a QR drawing stands behind the "#" of the address, which no browser sends. It goes into the form, and off
// the address, so that neither history nor a screenshot keeps it.
function takeFragment(form) {
  const code = location.hash.slice(1);
  if (!/^[0-9A-Z-]{16,60}$/.test(code)) return;
  history.replaceState(null, "", location.pathname + location.search);
  form.elements[form.dataset.fragment].value = code;
  if (form.dataset.send !== undefined) form.requestSubmit();
  else form.querySelector("button.go").focus();
}

// A second press does nothing while the first is on its way. The core refuses doubled acts anyway.
function sendOnce(event) {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method !== "post") return;
  form.dataset.sent = "yes";
  addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
}

function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.querySelector("span").textContent = shown ? button.dataset.hide : button.dataset.show;
}

function showConveniences(part) {
  const buttons = "[data-copy], [data-print], [data-save-picture], [data-reveal]";
  for (const button of part.querySelectorAll(buttons)) button.hidden = false;
  for (const advice of part.querySelectorAll("[data-without-script]")) advice.hidden = true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy !== undefined) copy(button);
  else if (button?.dataset.print !== undefined) print();
  else if (button?.dataset.reveal !== undefined) reveal(button);
  else if (button?.dataset.savePicture !== undefined) savePicture(button.closest("[data-picture]"));
  for (const menu of document.querySelectorAll("details.me[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.me[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("submit", sendOnce);
showConveniences(document);
document.querySelectorAll("[data-live]").forEach(keepLive);
document.querySelectorAll("form[data-guard]").forEach(guard);
document.querySelectorAll("form[data-fragment]").forEach(takeFragment);
document.getElementById("salah")?.focus();
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
