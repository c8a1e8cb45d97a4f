"""The process that measures: started with its CPUs and environment fixed, it prints one JSON object a line."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from benches import libraries, limits
from benches.cases import CASES
from benches.measure import Effort, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--peers", nargs="*", required=True)
    parser.add_argument("--cases", nargs="+", required=True, help="their names")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--limits", action="store_true", help="measure the machine first")
    options = parser.parse_args()

    libraries.set_threads(options.threads)
    if options.limits:
        say(limits=asdict(limits.measured(options.threads)), peaks=limits.flops_by_isa(options.threads))
    effort = Effort.usual(options.quick)
    for case in CASES:
        if case.name in options.cases:
            use = [name for name in case.builders if name.split()[0] in {"pynn", *options.peers}]
            say(result=asdict(measure(case, use, effort, options.busy)))


def say(**message: object) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
