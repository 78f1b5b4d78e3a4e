"""Writes a script for wrk that posts the PNG files of a folder, in turn.

usage: requests.py FOLDER
"""

import pathlib
import sys

LIMIT = 200


def main() -> None:
    files = sorted(pathlib.Path(sys.argv[1]).rglob("*.png"))
    # Digits of every class.
    chosen = files[:: max(1, len(files) // LIMIT)]
    print("local bodies = {")
    for path in chosen:
        print('  "' + "".join(f"\\{byte:03d}" for byte in path.read_bytes()) + '",')
    print("}")
    print(
        """local number = 0
function request()
  number = number % #bodies + 1
  return wrk.format("POST", nil, {["Content-Type"] = "image/png"}, bodies[number])
end"""
    )


main()
