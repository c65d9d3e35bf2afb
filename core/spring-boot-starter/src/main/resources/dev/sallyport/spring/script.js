// SPDX-License-Identifier: Apache-2.0
// Comfort only: every page works without this script.
"use strict";

// Times in the zone of the browser, in the language of the page.
for (const time of document.querySelectorAll("time[data-local]")) {
    const format = time.dataset.local === "time"
        ? { dateStyle: "medium", timeStyle: "short", numberingSystem: "latn" }
        : { dateStyle: "medium", numberingSystem: "latn" };
    try {
        time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, format)
            .format(new Date(time.dateTime));
    } catch {
        // The time in UTC stays.
    }
}

// The countdown of a lockout.
for (const countdown of document.querySelectorAll("[data-seconds]")) {
    const timer = countdown.querySelector("[role=timer]");
    const end = performance.now() + 1000 * Number(countdown.dataset.seconds);
    const two = (number) => String(number).padStart(2, "0");
    const tick = () => {
        const left = Math.ceil((end - performance.now()) / 1000);
        if (left <= 0) {
            countdown.textContent = " " + countdown.dataset.over;
            return;
        }
        const hours = Math.floor(left / 3600);
        const minutes = Math.floor(left / 60) % 60;
        const text = (hours > 0 ? hours + ":" + two(minutes) : minutes) + ":" + two(left % 60);
        if (timer.textContent !== text) {
            timer.textContent = text;
        }
        setTimeout(tick, 250);
    };
    countdown.hidden = false;
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
for (const button of document.querySelectorAll("[data-copy]")) {
    const status = button.closest(".copying").querySelector("[role=status]");
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(button.dataset.copy).then(
        () => { status.textContent = button.dataset.copied; },
        () => { status.textContent = button.dataset.failed; }));
}
for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
}
