// The handset. The line's side of the call is on the server: this tells it what each of the people
// does, in the words of a written call ("2212222#", "hangs up", "busy"), and shows what comes of it.
"use strict";

(() => {
  const page = document.querySelector("[data-telephone]");
  if (!page) return;
  const find = (name) => page.querySelector(`[data-part="${name}"]`);
  const names = JSON.parse(page.dataset.names);
  const said = find("said");
  const status = find("status");
  const shown = find("keyed");
  const words = find("words");
  const SLOW = 3; // times as long may pass between two keys where time does not run

  let call = null; // where the call is asked about, and how far we have seen it
  let waits = { whose: "" };
  let keyed = "";
  let since = 0; // when what is waited for began
  let speaking = false;
  let spoken = 0; // prompts so far: what ends late is of an older one
  let timer = 0;
  let busy = false;
  let leaving = false;

  const runs = () => find("runs").checked;
  const elapsed = () => Math.max(0.1, (performance.now() - since) / 1000);
  const called = (number) => (names[number] ? `${names[number]} (${number})` : number);

  // --- What is spoken ---

  function speak(prompts, seconds) {
    hush();
    const mine = spoken;
    const over = () => {
      if (mine !== spoken || !speaking) return;
      speaking = false;
      prompted();
    };
    speaking = true;
    if (!prompts.length) return over();
    if (!find("aloud").checked || !window.speechSynthesis?.getVoices().length) {
      if (runs()) timer = setTimeout(over, seconds * 1000);
      else over();
      return;
    }
    const each = prompts.map((event) => {
      const one = new SpeechSynthesisUtterance(event.what);
      one.lang = event.language || document.documentElement.lang;
      return one;
    });
    each.at(-1).onend = each.at(-1).onerror = over;
    each.forEach((one) => window.speechSynthesis.speak(one));
  }

  function hush() {
    clearTimeout(timer);
    speaking = false;
    spoken += 1;
    window.speechSynthesis?.cancel();
    tones.stop();
  }

  // The prompts are over: now a telephone rings, or silence counts.
  function prompted() {
    if (waits.whose === "called") {
      since = performance.now();
      tones.ringing();
      if (runs()) timer = setTimeout(() => does("no answer"), waits.seconds * 1000);
    } else if (waits.whose === "caller" && runs()) {
      timer = setTimeout(() => does("silence"), waits.seconds * 1000);
    }
  }

  // --- What is shown ---

  function show(state) {
    const prompts = state.events.filter((event) => event.kind === "says" && !event.side);
    state.events.forEach(add);
    call.step = state.step;
    call.seen = state.seen;
    waits = state.waits;
    keyed = "";
    shown.textContent = "";
    since = performance.now();
    arrange(state.over);
    if (state.over) {
      hush();
      call = null;
    } else {
      speak(
        prompts,
        prompts.reduce((sum, event) => sum + event.seconds, 0),
      );
      if (leaving) hangUp();
    }
  }

  function add(event) {
    if (!event.line) return;
    const item = document.createElement("li");
    item.className = `p2-said p2-said--${event.side ? "called" : event.kind === "says" ? "line" : "caller"}`;
    item.append(...worded(event));
    said.append(item);
    said.parentElement.scrollTop = said.parentElement.scrollHeight;
  }

  // The line's words stand in their own language, so that a screen reader speaks them in it.
  function worded(event) {
    const text = event.side ? event.line.replace(event.side, called(event.side)) : event.line;
    const at = event.language ? text.lastIndexOf(event.what) : -1;
    if (at < 0) return [text];
    const words = document.createElement("span");
    words.lang = event.language;
    words.textContent = event.what;
    return [text.slice(0, at), words, text.slice(at + event.what.length)];
  }

  // What may be done now, and what is waited for, in words.
  function arrange(over) {
    const going = call !== null && !over;
    const focused = document.activeElement;
    find("call").hidden = going;
    find("hang-up").hidden = !going;
    find("from").disabled = find("to").disabled = going;
    find("speech").disabled = !(going && waits.whose === "caller" && waits.speech);
    find("silent").disabled = !(going && waits.whose === "caller");
    find("called").hidden = !(going && waits.whose === "called");
    find("talk").hidden = !(going && waits.whose === "either");
    find("nobody").hidden = going && ["called", "either"].includes(waits.whose);
    if (waits.number) {
      page.querySelectorAll("[data-number]").forEach((each) => (each.textContent = called(waits.number)));
    }
    status.textContent = over || (going ? sentence() : "");
    if (focused && focused !== document.body && !focused.checkVisibility()) {
      find(going ? "hang-up" : "call").focus();
    }
  }

  function sentence() {
    if (waits.whose === "called") return `Ringing ${called(waits.number)}.`;
    if (waits.whose === "either") return `Put through to ${called(waits.number)}.`;
    if (waits.whose !== "caller") return "Waiting for the line.";
    const finish = waits.most === 1 ? "" : `, then ${waits.finish}`;
    const ways = [
      waits.keys && `${waits.most === 1 ? "a key" : "keys"}${finish}`,
      waits.speech && "words",
      "silence",
    ];
    return `The line waits for ${ways.filter(Boolean).join(", or ")}.`;
  }

  // --- What is done ---

  async function ask(url, form, keepalive = false) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": page.dataset.token, Accept: "application/json" },
      body: new URLSearchParams(form),
      keepalive,
    });
    if (answer.redirected) throw new Error("You have been signed out. Sign in, and ring again.");
    const kind = answer.headers.get("Content-Type") || "";
    if (!kind.includes("json")) throw new Error(`The console answered ${answer.status}.`);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    return told;
  }

  async function attempt(doing) {
    if (busy) return;
    busy = true;
    try {
      show(await doing());
    } catch (wrong) {
      status.textContent = wrong.message;
    } finally {
      busy = false;
    }
    if (leaving && call && waits.whose) hangUp();
    else if (call && !waits.whose) does(""); // the line is slow: look again
  }

  function ring() {
    leaving = false;
    said.replaceChildren();
    attempt(async () => {
      const begun = await ask(page.dataset.begin, { from: find("from").value, to: find("to").value });
      call = { url: begun.url, step: 0, seen: 0 };
      return begun;
    });
  }

  function does(doing) {
    if (!call) return;
    hush();
    attempt(() => ask(call.url, { step: call.step, seen: call.seen, does: doing }));
  }

  // How far into the prompts it was, if they could still be heard.
  const soFar = () => (speaking ? ` after ${elapsed().toFixed(1)} s` : "");

  function press(key) {
    tones.key(key);
    if (!call || busy || waits.whose !== "caller" || !waits.keys) return;
    if (!keyed) call.soFar = soFar();
    hush();
    keyed += key;
    shown.textContent = keyed;
    const enough = key === waits.finish || keyed.length === waits.most;
    const send = () => does(keyed + call.soFar);
    if (enough) send();
    else timer = setTimeout(send, waits.seconds * 1000 * (runs() ? 1 : SLOW));
  }

  function say(event) {
    event.preventDefault();
    const text = words.value.replace(/\s+/g, " ").trim();
    if (!text || waits.whose !== "caller" || !waits.speech) return;
    words.value = "";
    does(`"${text}"${soFar()}`);
  }

  function hangUp() {
    leaving = true;
    if (!call || busy || !waits.whose) return;
    leaving = false;
    const rung = waits.whose === "called" && runs() ? ` after ${elapsed().toFixed(1)} s` : "";
    does(`hangs up${waits.whose === "caller" ? soFar() : rung}`);
  }

  // What whoever is rung does, and after how long; the telephone gives up by itself.
  function fate(button) {
    const [act, rest] = button.dataset.fate.split("|");
    const rang = Math.min(elapsed(), waits.seconds - 1).toFixed(1);
    const after = runs() && act !== "no answer" ? ` after ${rang} s` : "";
    does(`${act}${after}${rest || ""}`);
  }

  find("call").addEventListener("click", ring);
  find("hang-up").addEventListener("click", hangUp);
  find("silent").addEventListener("click", () => does("silence"));
  find("say").addEventListener("submit", say);
  page.querySelectorAll("[data-key]").forEach((each) =>
    each.addEventListener("click", () => press(each.dataset.key)),
  );
  find("keypad").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });
  page.querySelectorAll("[data-fate]").forEach((each) => each.addEventListener("click", () => fate(each)));
  page.querySelectorAll("[data-talk]").forEach((each) =>
    each.addEventListener("click", () => does(each.dataset.talk)),
  );
  find("aloud").addEventListener("change", () => window.speechSynthesis?.cancel());
  window.speechSynthesis?.getVoices(); // some browsers look for their voices only when asked
  window.addEventListener("pagehide", () => {
    if (call) ask(call.url, { step: call.step, seen: call.seen, does: "hangs up" }, true).catch(() => {});
  });
  arrange("");
})();
