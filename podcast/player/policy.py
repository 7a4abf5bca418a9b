"""What a page of ours may load: the Content-Security-Policy, for the file's meta element and the server's header."""

from podcast.site import Site


def content_security_policy(site: Site) -> str:
    """Return the policy of every HTML file, without ``frame-ancestors``, which only a header can say.

    The project's address is written out with its path, where ``'self'`` would mean a whole origin: on a shared storage host
    that holds other people's buckets too. Only what lies under ``assets/`` may run.
    """
    base = site.base.replace(";", "%3B").replace(",", "%2C")
    return (
        f"default-src 'none'; script-src {base}assets/; style-src {base}assets/; img-src {base}; media-src {base}; connect-src {base}; "
        "base-uri 'none'; form-action 'none'"
    )
