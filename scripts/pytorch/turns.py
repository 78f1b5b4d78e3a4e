"""The protocol by which a program works on request, in turn with another one.

A driver starts the program, waits for the line `ready`, and writes lines to its standard input:

    run N     do N steps, then print
              {"steps":N,"seconds":S,"images_per_second":R,"peak_memory_bytes":B}, and what else there is
    quit      end, as the end of input does

Thus both programs are timed in one run, A B A B ..., on a machine whose speed drifts. Nothing else
is written to standard output. Between turns the process waits for input and uses no processor time.
"""

import json
import resource
import sys


def peak_memory() -> int:
    """The peak memory of this process in bytes; Linux reports KiB, macOS bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def serve(rival) -> int:
    """Executes the lines of standard input until `quit` or its end."""
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        if len(words) != 2 or words[0] != "run" or not words[1].isdecimal() or int(words[1]) < 1:
            print(f"error: {line.strip()!r} is neither 'run N' nor 'quit'", file=sys.stderr)
            return 2
        print(json.dumps(rival.run(int(words[1])), separators=(",", ":")), flush=True)
    return 0
