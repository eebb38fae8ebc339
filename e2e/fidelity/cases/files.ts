/** What is read and what is left behind. */
import { type Case, ours } from "../Case.ts"

const input = "printf 'first\\nsecond\\n' > in.txt"

export const files: ReadonlyArray<Case> = [
  ours("database", "python3.11 database.py"),
  ours("archives", "python3.11 archives.py"),
  ours("100 MB out", "python3.11 big_file.py"),
  ours("100 MB in", "python3.11 big_input.py big.bin", { setup: "head -c 104857600 /dev/zero | tr '\\0' 'x' > big.bin" }),
  ours("3,000 files", "python3.11 many_files.py"),
  ours("odd names out", "python3.11 odd_names.py"),
  ours("a name that is no UTF-8", "python3.11 bad_utf8_name.py"),
  ours("odd names in", "python3.11 stat_inputs.py 'a b' \"quo'te\" $'new\\nline' '😀' ./-dash '*'", {
    setup: "echo 1 > 'a b'; echo 2 > \"quo'te\"; echo 3 > $'new\\nline'; echo 4 > '😀'; echo 5 > ./-dash; echo 6 > '*'"
  }),
  ours("links out", "python3.11 links.py"),
  ours("links in", "python3.11 read_link.py link.txt dir/inner.txt", {
    setup: "echo linked > real.txt; ln -s real.txt link.txt; mkdir real; echo i > real/inner.txt; ln -s real dir"
  }),
  ours("input beside the directory", "python3.11 parent.py ../side.txt made.txt", { setup: "echo side > ../side.txt" }),
  ours("output beside the directory", "python3.11 parent.py in.txt ../made.txt", { setup: input }),
  ours("output at an absolute path", "python3.11 parent.py in.txt $(dirname $PWD)/abs.txt", { setup: input }),
  ours("absolute path in", "python3.11 append.py $PWD/in.txt", { setup: input }),
  ours("in place", "python3.11 in_place.py in.txt", { setup: input }),
  ours("append", "python3.11 append.py in.txt", { setup: input }),
  ours("remove an input", "python3.11 remove.py in.txt", { setup: input }),
  ours("rename an input", "python3.11 rename.py in.txt renamed.txt", { setup: input }),
  ours("set times", "python3.11 touch.py in.txt", { setup: input }),
  ours("times and modes of inputs", "python3.11 stat_inputs.py in.txt tool", {
    setup: `${input}; echo x > tool; chmod 750 tool`
  }),
  ours("a read-only input", "python3.11 stat_inputs.py in.txt", { setup: `${input}; chmod 444 in.txt` }),
  ours("owner of inputs", "python3.11 owner.py in.txt", { setup: input }),
  ours("modes", "python3.11 umask.py"),
  ours("modes by default", "python3.11 modes.py"),
  ours("empty directories", "python3.11 empty_dirs.py"),
  ours("into a directory that is there", "python3.11 into_dir.py", { setup: "mkdir out; echo old > out/old.json" }),
  ours("into a directory named to it", "python3.11 into_dir.py out", { setup: "mkdir out; echo old > out/old.json" }),
  ours("lists where it is", "python3.11 list_here.py", { setup: input }),
  ours("reads what its text names", "python3.11 literal.py", { setup: "echo '{\"key\": \"value\"}' > config.json" }),
  ours("reads what lies beside it", "python3.11 beside.py", { files: ["beside.py", "data"] }),
  ours("a pipe by name", "python3.11 fifo.py"),
  ours("a sparse file", "python3.11 sparse.py"),
  ours("fails after writing", "python3.11 append.py in.txt && python3.11 remove.py not_there.txt", { setup: input }),
  ours("two runs, one after the other", "python3.11 append.py in.txt && python3.11 in_place.py in.txt", { setup: input })
]
