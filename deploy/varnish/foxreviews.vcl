vcl 4.1;

# The directory behind Varnish: goes to /etc/varnish/default.vcl. Try it: varnishd -C -f /etc/varnish/default.vcl >/dev/null
#
# What may be kept, and for how long, the web servers say themselves (Cache-Control, docs/howto/cdn.md). Varnish adds one
# address to X-Forwarded-For, so they run with TRUSTED_PROXIES=1, or 2 with a proxy for TLS in front of it.

import directors;
import std;

# Two web servers may run next to each other (deploy/upgrade changes from one to the other).
probe ready {
    .request = "GET /health/ready HTTP/1.1" "Host: localhost" "Connection: close";
    .interval = 2s;
    .timeout = 2s;
    .window = 3;
    .threshold = 2;
    .initial = 1;
}
backend blue {
    .path = "/run/foxreviews-blue/web.sock";
    .probe = ready;
    .connect_timeout = 2s;
    .first_byte_timeout = 35s;
}
backend green {
    .path = "/run/foxreviews-green/web.sock";
    .probe = ready;
    .connect_timeout = 2s;
    .first_byte_timeout = 35s;
}

# Who may forget answers: this machine, where imports run.
acl operators {
    "127.0.0.1";
    "::1";
}

sub vcl_init {
    new web = directors.fallback();
    web.add_backend(blue);
    web.add_backend(green);
}

sub vcl_recv {
    set req.backend_hint = web.backend();
    unset req.http.X-Try;

    # After an import: forget every answer but those of this version of the dataset.
    if (req.method == "BAN") {
        if (client.ip !~ operators || req.http.X-Forwarded-For ~ ",") {
            return (synth(405, "Method Not Allowed"));
        }
        if (req.http.X-Dataset-Version !~ "^[0-9]+-[0-9a-f]+$") {
            return (synth(400, "Name the version of the dataset: X-Dataset-Version"));
        }
        ban("obj.http.X-Dataset-Version != " + req.http.X-Dataset-Version);
        return (synth(200, "Forgotten"));
    }
    # Figures and the admin are for near clients, who ask a web server itself.
    if (req.url ~ "^/(metrics|admin)") {
        return (synth(403, "Forbidden"));
    }
    # A whole table: as it comes, however long that takes.
    if (req.url ~ "^/api/exports/") {
        return (pipe);
    }
    if ((req.method != "GET" && req.method != "HEAD") || req.http.Authorization || req.url ~ "^/health") {
        return (pass);
    }
    # No answer here depends on a cookie.
    unset req.http.Cookie;
    # With CORS_ORIGINS=*, the default, pages of all sites get one answer. With a list of sites, take this out.
    if (req.http.Origin) {
        set req.http.Origin = "https://any.example";
    }
    # One answer for each form that there is, not for each way of asking for it.
    if (req.http.Accept ~ "application/json" || req.http.Accept ~ "\*/\*" || !req.http.Accept) {
        if (req.url ~ "^/api/" && req.url !~ "^/api/(schema|docs)/") {
            set req.http.Accept = "*/*";
        }
    }
    if (req.url !~ "^/(\?|$)") {
        unset req.http.Accept-Language;
    } elsif (req.http.Accept-Language ~ "^en") {
        set req.http.Accept-Language = "en";
    } else {
        set req.http.Accept-Language = "fr";
    }
    # A failure of the first try is not kept for a moment, and asked for again (vcl_synth): a newer object, also one that
    # has ended at once, stands before an older answer.
    if (req.restarts == 0) {
        set req.http.X-Try = "first";
    }
    # While a web server answers, an answer is stale for no longer than it says (stale-while-revalidate). Where none
    # does, or where it has just failed, for as long as it is there.
    if (std.healthy(req.backend_hint) && req.restarts == 0) {
        set req.grace = 10s;
    } else {
        set req.grace = 10m;
    }
    return (hash);
}

sub vcl_backend_fetch {
    # Lists take longer than a page.
    if (bereq.url ~ "^/((en/)?rapprocher|api/appariements)/") {
        set bereq.first_byte_timeout = 120s;
    }
}

sub vcl_backend_response {
    # What is left of a rate is one client's.
    if (beresp.ttl > 0s) {
        unset beresp.http.RateLimit;
        unset beresp.http.RateLimit-Policy;
    }
    if (beresp.status >= 500) {
        # The next client asks again; who would wait for a new answer behind a stale one keeps the stale one.
        if (bereq.is_bgfetch || bereq.http.X-Try) {
            return (abandon);
        }
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    if (beresp.http.Cache-Control ~ "no-store|private" || beresp.http.Set-Cookie) {
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # stale-if-error
    set beresp.grace = 10m;
    set beresp.do_gzip = beresp.http.Content-Type ~ "json|text|javascript|svg|openapi";
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.http.X-Try) {
        return (abandon);
    }
    set beresp.http.Retry-After = "5";
    set beresp.http.Cache-Control = "no-store";
    # For a page a page.
    if (bereq.url !~ "^/(api|static)/") {
        set beresp.http.Content-Type = "text/html; charset=utf-8";
        set beresp.http.Content-Security-Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        synthetic({"<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>L’annuaire redémarre</title><link rel="stylesheet" href="/static/web/site.css"><main class="narrow"><h1>L’annuaire redémarre</h1><p>Réessayez dans un moment.</p><p lang="en">The directory is being restarted. Try again shortly.</p><form class="search large" action="/recherche" role="search"><label for="q">Nom, ville, activité ou SIREN</label><div class="field"><input id="q" name="q" type="search" maxlength="256"><button>Chercher</button></div></form><p><a href="/">foxreviews</a></p></main>"});
        return (deliver);
    }
    set beresp.http.Content-Type = "application/problem+json";
    synthetic({"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The service is being restarted. Try again shortly.","code":"unavailable" }"});
    return (deliver);
}

sub vcl_synth {
    if (resp.status == 503 && req.http.X-Try) {
        return (restart);
    }
}

sub vcl_deliver {
    set resp.http.X-Cache = "MISS";
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    }
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
