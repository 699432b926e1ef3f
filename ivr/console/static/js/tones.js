// What a telephone sounds like: the two tones of each key, and what a caller hears while it rings.
// Frequencies in Hz and beats in seconds: ITU-T Q.23 for keys, BT's SIN 350 for the ringing.
"use strict";

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = ["123", "456", "789", "*0#"];
const RINGING = { hertz: [400, 450], beat: [0.4, 0.2, 0.4, 2.0] };
const BEATS = 200; // more than any number is rung for

const tones = (() => {
  let sound = null;
  let going = [];

  // A browser lets a page sound only after the first press of a key or button.
  function speaker() {
    const Context = window.AudioContext || window.webkitAudioContext;
    sound ??= Context ? new Context() : null;
    if (sound?.state === "suspended") sound.resume();
    return sound;
  }

  function play(hertz, from, seconds) {
    const volume = sound.createGain();
    volume.gain.value = 0.08;
    volume.connect(sound.destination);
    return hertz.map((each) => {
      const tone = sound.createOscillator();
      tone.frequency.value = each;
      tone.connect(volume);
      tone.start(from);
      tone.stop(from + seconds);
      return tone;
    });
  }

  function ringing() {
    const { hertz, beat } = RINGING;
    stop();
    if (!speaker()) return;
    let at = sound.currentTime;
    for (let count = 0; count < BEATS; count += 1) {
      if (count % 2 === 0) going.push(...play(hertz, at, beat[count % beat.length]));
      at += beat[count % beat.length];
    }
  }

  function stop() {
    for (const tone of going) tone.stop();
    going = [];
  }

  function key(name) {
    const row = KEYS.findIndex((keys) => keys.includes(name));
    if (row >= 0 && speaker()) {
      play([ROWS[row], COLUMNS[KEYS[row].indexOf(name)]], sound.currentTime, 0.16);
    }
  }

  return { key, stop, ringing };
})();
