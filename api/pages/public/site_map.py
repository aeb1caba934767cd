"""Every page that a visitor can open without an account, by what it is for. A test compares it with the routes."""

from typing import Final

from api.i18n import N_

SITE: Final = (
    (
        N_("Services"),
        (
            ("/", N_("Start page")),
            ("/services", N_("All services")),
            ("/ask", N_("Ask for an appointment")),
            ("/abroad", N_("Ask from abroad")),
            ("/instant", N_("Available appointments")),
            ("/status", N_("Follow a request")),
            ("/check", N_("Check a document")),
            ("/offices", N_("Offices")),
            ("/without-network", N_("Without a network")),
        ),
    ),
    (
        N_("Help"),
        (
            ("/help", N_("Questions and answers")),
            ("/contact", N_("Contact us")),
            ("/how", N_("How it works")),
            ("/privacy", N_("Privacy")),
            ("/accessibility", N_("Accessibility")),
        ),
    ),
    (
        N_("Open to everyone"),
        (
            ("/draws", N_("Draws")),
            ("/exchange", N_("Exchange of appointments")),
            ("/verify", N_("Check a draw yourself")),
            ("/log", N_("The public log")),
            ("/waiting-times", N_("Waiting times")),
            ("/open-data", N_("Open data")),
            ("/journalists", N_("For journalists")),
        ),
    ),
    (
        N_("Your account"),
        (
            ("/register", N_("Open an account")),
            ("/sign-in", N_("Sign in")),
            ("/reset", N_("Forgotten password")),
            ("/user-name", N_("Forgotten user name")),
            ("/reopen", N_("Reopen a closed account")),
            ("/stop-phone", N_("Stop messages to a phone")),
        ),
    ),
)
