// The town hall in a browser: the lines that nc shows, over a WebSocket.

/** Older lines go, so that a page that stays open for days does not grow for ever. */
const LINES_MAX = 1000;
/** Seconds before the first new attempt; each one that fails doubles it. */
const RETRY_FIRST = 1;
const RETRY_MAX = 30;

const lines = document.querySelector("#lines");
const state = document.querySelector("#state");
const input = document.querySelector("#line");
const button = document.querySelector("button");
let socket;
let retry = RETRY_FIRST;
let unfinished = "";

function show(text, kind) {
  const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
  const item = document.createElement("li");
  item.textContent = text;
  item.className = kind;
  lines.append(item);
  while (lines.childElementCount > LINES_MAX) lines.firstElementChild.remove();
  if (isAtEnd) lines.scrollTop = lines.scrollHeight;
}

function setOpen(isOpen, text) {
  state.textContent = text;
  input.disabled = !isOpen;
  button.disabled = !isOpen;
  if (isOpen) input.focus();
}

function receive(text) {
  const received = (unfinished + text).split("\n");
  unfinished = received.pop();
  for (const line of received) {
    const kind = line.startsWith("-- ") ? "house" : "person";
    show(line.replace(/\r$/u, ""), kind);
    if (line.startsWith("-- Hello, ")) input.placeholder = "Say something, or /help";
  }
}

function connect() {
  const url = new URL("lines", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("open", () => {
    retry = RETRY_FIRST;
    unfinished = "";
    input.placeholder = "Your name";
    setOpen(true, "Connected");
  });
  socket.addEventListener("message", ({ data }) => receive(data));
  socket.addEventListener("close", () => {
    setOpen(false, `Not connected: trying again in ${retry} s`);
    setTimeout(connect, 1000 * retry);
    retry = Math.min(RETRY_MAX, 2 * retry);
  });
}

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (input.value === "" || socket.readyState !== WebSocket.OPEN) return;
  socket.send(`${input.value}\n`);
  show(input.value, "own");
  input.value = "";
});

connect();
