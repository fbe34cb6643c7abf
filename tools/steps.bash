# Sourced by the scripts beside it: tells what is being done, how long it takes, and how it ended.

# Usage: step WHAT EXPECTED COMMAND... — runs COMMAND and reports its time; keeps its exit code.
step() {
  local what="$1" expected="$2" start=$SECONDS status=0
  shift 2
  printf '\n==> %s (%s)\n' "$what" "$expected"
  "$@" || status=$?
  case "$status" in
    0) printf '==> %s: done in %d s\n' "$what" $((SECONDS - start)) ;;
    77) printf '==> %s: skipped, something it needs is absent\n' "$what" ;;
    *)
      printf '==> %s: failed with exit code %d after %d s\n' \
        "$what" "$status" $((SECONDS - start))
      ;;
  esac
  return "$status"
}
