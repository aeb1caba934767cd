"""A certified OpenID Connect provider of others (panva's oidc-provider, in JavaScript), for citizens to sign in at."""
