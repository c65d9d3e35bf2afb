// SPDX-License-Identifier: Apache-2.0
// Two-factor authentication on one page, by the JSON API that META-INF/sallyport/openapi.yaml describes.
"use strict";

const API = "/two-factor/api/";

/** Sends a form as the application's own pages do. The token changes with each sign-in. */
async function post(path, fields) {
    const csrf = await (await fetch("/api/csrf")).json();
    return fetch(path, {
        method: "POST",
        headers: { Accept: "application/json", [csrf.header]: csrf.token },
        body: new URLSearchParams(fields),
    });
}

function show(view, problem) {
    for (const form of document.querySelectorAll("[data-view]")) {
        form.hidden = form.dataset.view !== view;
        form.reset();
    }
    const message = document.getElementById("problem");
    message.hidden = !problem;
    message.textContent = problem ?? "";
}

/** A problem says in its key what to do, and in its detail what to tell the user. */
async function tell(response, view) {
    const problem = await response.json();
    switch (problem.messageKey) {
        case "sallyport.problem.code-required":
            return show("code");
        case "sallyport.problem.sign-in-again":
            return show("sign-in", problem.detail);
        case "sallyport.problem.begin-again":
            return show("off", problem.detail);
        default:
            return show(view, problem.detail);
    }
}

async function status(backupCodes = []) {
    const response = await fetch(API + "status", { headers: { Accept: "application/json" } });
    if (response.status === 401) {
        const isProblem = response.headers.get("Content-Type")?.startsWith("application/problem+json");
        return isProblem ? tell(response, "sign-in") : show("sign-in");
    }
    const { state, backupCodesLeft } = await response.json();
    document.getElementById("left").textContent = backupCodesLeft;
    document.getElementById("codes").replaceChildren(...backupCodes.map((code) => {
        const item = document.createElement("li");
        item.textContent = code;
        return item;
    }));
    show(state === "ENABLED" ? "on" : "off");
}

const submitted = {
    async "sign-in"(fields) {
        const response = await post("/login", fields);
        if (response.url.endsWith("/login?error")) {
            return show("sign-in", "That name or password is not right.");
        }
        return response.ok ? status() : tell(response, "sign-in");
    },
    async code(fields) {
        const response = await post(API + "verify", fields);
        return response.ok ? status() : tell(response, "code");
    },
    async off(fields) {
        const response = await post(API + "begin", fields);
        if (!response.ok) {
            return tell(response, "off");
        }
        const enrollment = await response.json();
        document.getElementById("picture").src = enrollment.qrCode;
        document.getElementById("link").href = enrollment.keyUri;
        document.getElementById("secret").textContent = enrollment.secretForTyping;
        return show("enroll");
    },
    async enroll(fields) {
        const response = await post(API + "confirm", fields);
        return response.ok ? status((await response.json()).backupCodes) : tell(response, "enroll");
    },
    async on(fields) {
        const response = await post(API + "disable", fields);
        return response.ok ? status() : tell(response, "on");
    },
};

for (const form of document.querySelectorAll("[data-view]")) {
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        submitted[form.dataset.view](new FormData(form));
    });
}
status();
