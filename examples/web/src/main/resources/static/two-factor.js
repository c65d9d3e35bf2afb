// SPDX-License-Identifier: Apache-2.0
// Comfort only: every page works without it.
"use strict";

// The countdown of a lock.
for (const clock of document.querySelectorAll("[data-seconds]")) {
    const end = performance.now() + 1000 * Number(clock.dataset.seconds);
    clock.hidden = false;
    const tick = () => {
        const left = Math.ceil((end - performance.now()) / 1000);
        const [days, hours] = [Math.floor(left / 86400), Math.floor(left / 3600) % 24];
        const [minutes, seconds] = [Math.floor(left / 60) % 60, left % 60];
        const text =
            left <= 0 ? "You can try again now."
            : days > 0 ? `${days} days ${hours} hours left.`
            : hours > 0 ? `${hours} hours ${minutes} minutes left.`
            : minutes > 0 ? `${minutes} min ${seconds} s left.`
            : `${seconds} s left.`;
        if (clock.textContent !== text) {
            clock.textContent = text;
        }
        if (left > 0) {
            setTimeout(tick, 250);
        }
    };
    tick();
}

// A second click would replace an answer that is shown only once.
for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
        if (form.dataset.sent) {
            event.preventDefault();
        }
        form.dataset.sent = "true";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
}

// Copy and print need a script, and so do their buttons.
const sheet = document.getElementById("sheet");
if (sheet) {
    const copy = document.getElementById("copy");
    const copied = document.getElementById("copied");
    const print = document.getElementById("print");
    copy.hidden = !navigator.clipboard;
    copy.addEventListener("click", () => navigator.clipboard.writeText(sheet.textContent).then(
        () => { copied.textContent = "Copied."; },
        () => { copied.textContent = "That did not work. Use Download."; }));
    print.hidden = false;
    print.addEventListener("click", () => window.print());
}
