/** What is printed, and what is read from stdin. */
import { type Case, ours } from "../Case.ts"

export const streams: ReadonlyArray<Case> = [
  ours("all bytes", "python3.11 all_bytes.py"),
  ours("no newline at the end", "python3.11 no_newline.py"),
  ours("carriage returns", "python3.11 crlf.py"),
  ours("two streams", "python3.11 interleaved.py"),
  ours("two streams in one", "python3.11 merged.py 2>&1", {
    incomparable: "each stream is a pipe of its own there: what is written at the same moment may arrive in either order"
  }),
  ours("reader goes away", "python3.11 endless.py | head -1"),
  ours("reader goes away, codes", "python3.11 endless.py 2> /dev/null | head -1; echo ${PIPESTATUS[@]}"),
  ours("much output", "python3.11 endless.py"),
  ours("stdout to a file", "python3.11 endless.py > lines.txt"),
  ours("stderr to a file", "python3.11 exits.py oserror 2> err.txt"),
  ours("stdin text", "printf 'one\\ntwo\\nthree' | python3.11 stdin_lines.py"),
  ours("stdin binary", "head -c 100000 /dev/zero | python3.11 read_stdin.py"),
  ours("stdin of a pipe's state", "echo x | python3.11 stdin_state.py"),
  ours("stdin of /dev/null", "python3.11 read_stdin.py < /dev/null"),
  ours("stdin of /dev/null, its state", "python3.11 stdin_state.py < /dev/null"),
  ours("stdin empty", ": | python3.11 read_stdin.py"),
  ours("stdin from a file", "python3.11 read_stdin.py < in.bin", { setup: "head -c 300 /dev/zero > in.bin" }),
  ours("stdin from a file, its state", "python3.11 stdin_state.py < in.txt", { setup: "echo x > in.txt" }),
  ours("stdin from a file, seeking", "python3.11 stdin_seek.py < in.txt", { setup: "echo abcdef > in.txt" }),
  ours("stdin closed", "python3.11 stdin_state.py <&-"),
  ours("stdin here-document", "python3.11 read_stdin.py <<< 'from a here-string'"),
  ours("stdin by input()", "printf 'Ada\\nagain\\n' | python3.11 stdin_input.py"),
  ours("stdin ends under input()", "printf 'Ada\\n' | python3.11 stdin_input.py"),
  ours("stdin left unread", "seq 1 100000 | python3.11 no_newline.py"),
  ours("pipeline of two", "python3.11 endless.py | python3.11 read_stdin.py"),
  ours("special files", "python3.11 dev.py"),
  ours("bash reads stdin", "printf 'a\\n b \\nc' | bash read_stdin.sh")
]
