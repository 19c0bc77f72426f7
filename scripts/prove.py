"""Run every measurement of bench/ in its bounded default mode; names as arguments choose some."""

import sys

from scripts.steps import ROOT, Step, run


def main(names: list[str]) -> int:
    failed = 0
    for path in sorted((ROOT / "bench").glob("*.py")):
        if path.stem.startswith("_") or (names and path.stem not in names):
            continue
        print(f"\n== {path.name}", flush=True)
        result = run(Step(path.name, (sys.executable, "-m", f"bench.{path.stem}")))
        print(result.line(), flush=True)
        failed += result.code != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
