# SPDX-License-Identifier: Apache-2.0
# Completion of chaski for bash. Load it with: source <(chaski completion bash)

_chaski() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local commands='init whoami invite card cards add pair verify trust block unblock heal'
  commands+=' contacts introduce introductions send messages files save react delete settings'
  commands+=' watch unlock lock passphrase backup restore panic carry status explain completion'
  local command='' socket=() position=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --socket) socket=(--socket "${COMP_WORDS[i + 1]}"); ((i++)) ;;
      --lifetime | --timeout | --after | --limit | --name | --yes-if | --reply-to | --disappear | \
        --days | --price | --card | --read-receipts | --*passphrase-fd | --file | --remove | \
        --note | --max)
        ((i++)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((position++)); fi ;;
    esac
  done

  case $previous in
    --socket | --file) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --lifetime) mapfile -t COMPREPLY < <(compgen -W '1h 12h 1d 7d 14d' -- "$current"); return ;;
    --disappear) mapfile -t COMPREPLY < <(compgen -W '5min 1h 1d 7d' -- "$current"); return ;;
    --read-receipts) mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$current"); return ;;
    --timeout) mapfile -t COMPREPLY < <(compgen -W '10s 30s 5min 1h' -- "$current"); return ;;
    --days) mapfile -t COMPREPLY < <(compgen -W '7 30 90' -- "$current"); return ;;
    --max) mapfile -t COMPREPLY < <(compgen -W '100M 1G' -- "$current"); return ;;
    --price) mapfile -t COMPREPLY < <(compgen -W '0 18 20 22' -- "$current"); return ;;
    --cancel) if [[ $command != pair ]]; then return; fi ;;
    --after | --limit | --name | --card | --note | --yes-if | --reply-to | --remove) return ;;
    --*passphrase-fd) return ;;
  esac

  if [[ $current == -* ]]; then
    local options='--json --socket --help'
    case $command in
      '') options+=' --version' ;;
      invite) options+=' --qr --no-qr --png --svg --price' ;;
      card) options+=' --qr --no-qr --png --svg --new --days --price --publish --withdraw' ;;
      add) options+=' --card --name --replace --cancel --qr --no-qr --png --svg' ;;
      pair) options+=' --name --yes-if --cancel' ;;
      verify) options+=' --undo' ;;
      contacts) options+=' --names' ;;
      introduce) options+=' --note' ;;
      introductions) options+=' --name' ;;
      send)
        options+=' --file --lifetime --reply-to --disappear --urgent --wait --timeout' ;;
      files) options+=' --remove' ;;
      save) options+=' --force' ;;
      messages) options+=' --after --limit' ;;
      delete) options+=' --here' ;;
      settings) options+=' --name --read-receipts' ;;
      watch) options+=' --after' ;;
      init) options+=' --passphrase-fd --no-passphrase' ;;
      unlock) options+=' --passphrase-fd' ;;
      passphrase) options+=' --old-passphrase-fd --passphrase-fd --no-passphrase' ;;
      backup) options+=' --passphrase-fd' ;;
      restore) options+=' --backup-passphrase-fd --passphrase-fd --no-passphrase' ;;
      panic) options+=' --now' ;;
      carry) options+=' --max --all' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    return
  fi

  case $command in
    '') mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current") ;;
    backup | restore) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    save) if ((position == 1)); then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi ;;
    completion) mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current") ;;
    carry)
      if ((position == 0)); then
        mapfile -t COMPREPLY < <(compgen -W 'out in' -- "$current")
      elif ((position == 1)); then
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
      fi ;;
    introductions)
      if ((position == 0)); then
        mapfile -t COMPREPLY < <(compgen -W 'accept decline' -- "$current")
      fi ;;
    send | messages | verify | trust | block | unblock | heal | introduce)
      if ((position == 0)) || [[ $command == introduce && $position == 1 ]]; then
        # Names are compared as they are: one that looks like shell code must never be expanded.
        local name
        while IFS= read -r name; do
          if [[ $name == "$current"* ]]; then COMPREPLY+=("$(printf '%q' "$name")"); fi
        done < <(chaski "${socket[@]}" contacts --names 2>/dev/null)
      fi ;;
  esac
}
complete -F _chaski chaski
