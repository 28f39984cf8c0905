"""An emulation of the parts of AWS that bgspec's environments are made of, on loopback: no account, no network.

`start`, `stop` and `url` look after one background emulator for each environment. Whoever uses it talks to it over HTTP as
to AWS, through `AWS_ENDPOINT_URL`; `BGSPEC_SANDBOX_URL` names one that runs already, with a proxy in between, say.
"""

from bgspec.sandbox.process import SandboxError, seed, settings, start, stop, tools, url

__all__ = ["SandboxError", "seed", "settings", "start", "stop", "tools", "url"]
