// SPDX-License-Identifier: Apache-2.0
// Comfort only: every page works without it.
"use strict";

// The countdown of a lock, and the form again when it is over.
for (const clock of document.querySelectorAll("[data-seconds]")) {
    const end = performance.now() + 1000 * Number(clock.dataset.seconds);
    const tick = () => {
        const left = Math.ceil((end - performance.now()) / 1000);
        if (left <= 0) {
            window.location.replace(window.location.pathname);
            return;
        }
        const minutes = Math.floor(left / 60);
        clock.textContent = minutes > 0 ? `in ${minutes} min ${left % 60} s` : `in ${left} s`;
        setTimeout(tick, 250);
    };
    tick();
}

// Copy and print need a script, and so do their buttons.
const sheet = document.getElementById("sheet");
if (sheet) {
    const copy = document.getElementById("copy");
    const print = document.getElementById("print");
    copy.hidden = !navigator.clipboard;
    copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(sheet.textContent);
        document.getElementById("copied").textContent = "Copied.";
    });
    print.hidden = false;
    print.addEventListener("click", () => window.print());
}
