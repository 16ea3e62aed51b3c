#compdef chaski
# SPDX-License-Identifier: Apache-2.0
# Completion of chaski for zsh. Load it with: source <(chaski completion zsh)

_chaski_contacts() {
  local -a names
  local -a socket=(${opt_args[--socket]:+--socket} ${opt_args[--socket]})
  names=("${(@f)$(chaski $socket contacts --names 2>/dev/null)}")
  compadd -a names
}

_chaski() {
  local context state line
  typeset -A opt_args
  local -a common commands
  common=(
    '--json[print what the node'\''s API answered]'
    '--socket[the node'\''s socket]:socket:_files'
    '--help[show help]'
  )
  local passphrase='--passphrase-fd[read it from this open file]:open file:'
  local no_passphrase='--no-passphrase[whoever has the disk can read all]'
  commands=(
    'init:make an identity on this node'
    'whoami:show the identity on this node'
    'invite:make an invitation'
    'card:show your card, for anybody'
    'cards:list cards of others'
    'add:take an invitation or a card'
    'pair:become contacts with somebody near'
    'verify:compare the safety number'
    'trust:write to a contact whose identity changed'
    'block:neither write to a contact nor read them'
    'unblock:read a contact again'
    'heal:begin a new session with a contact'
    'introduce:ask two contacts whether they want to know each other'
    'introductions:list introductions, or answer one'
    'contacts:list the people you know'
    'send:write a message'
    'messages:show messages'
    'react:answer a message with a picture'
    'delete:delete a message'
    'settings:show or change what you chose'
    'files:show files that come and go'
    'save:write a file that came to a place'
    'watch:show what happens as it happens'
    'unlock:open what you wrote and know'
    'lock:close it'
    'passphrase:change the passphrase'
    'backup:write it to a sealed file'
    'restore:take a backup in'
    'panic:destroy everything, for good'
    'carry:hand envelopes to a runner on a stick, or take theirs'
    'status:tell what the node is doing'
    'explain:tell the life of one message'
    'completion:print a completion script'
  )
  _arguments -C $common '--version[show the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe 'command' commands ;;
    argument)
      case $words[1] in
        init)
          _arguments $common $passphrase $no_passphrase '1:name:' ;;
        unlock) _arguments $common $passphrase ;;
        passphrase)
          _arguments $common $passphrase $no_passphrase \
            '--old-passphrase-fd[read the one of now]:open file:' ;;
        backup) _arguments $common $passphrase '1:file:_files' ;;
        restore)
          _arguments $common $passphrase $no_passphrase \
            '--backup-passphrase-fd[of the backup]:open file:' '1:file:_files' ;;
        panic) _arguments $common '--now[do not ask]' ;;
        invite)
          _arguments $common '--qr[always print the QR code]' '--no-qr[the link alone]' \
            '--png[QR code as a PNG file]:file:_files' '--svg[QR code as an SVG file]:file:_files' \
            '--price[work that an answer must prove]:bits:(0 18 20 22)' ;;
        card)
          _arguments $common '--qr[always print the QR code]' '--no-qr[the link alone]' \
            '--png[QR code as a PNG file]:file:_files' '--svg[QR code as an SVG file]:file:_files' \
            '--new[though yours is good still]' '--days[good for]:days:(7 30 90)' \
            '--price[work that each answer must prove]:bits:(16 18 20 22)' \
            '--publish[through the mesh]' '--withdraw[take all back]' ;;
        add)
          _arguments $common '--card[of this fingerprint]:fingerprint:' \
            '--name[what you call them]:name:' \
            '--replace[who has that name is somebody else now]' \
            '--cancel[stop working for this contact]:contact:_chaski_contacts' \
            '--qr[always print the QR code]' '--no-qr[the link alone]' \
            '--png[QR code as a PNG file]:file:_files' '--svg[QR code as an SVG file]:file:_files' \
            '1:link:' ;;
        pair)
          _arguments $common '--name[what you call them]:name:' \
            '--yes-if[confirm who shows these words]:words:' '--cancel[stop it]' ;;
        verify)
          _arguments $common '--undo[not verified any more]' '1:contact:_chaski_contacts' \
            '*:number:' ;;
        trust | block | unblock | heal) _arguments $common '1:contact:_chaski_contacts' ;;
        introduce)
          _arguments $common '1:contact:_chaski_contacts' '2:contact:_chaski_contacts' \
            '--note[said to both]:text:' ;;
        introductions)
          _arguments $common '1:action:(accept decline)' '2:number:' \
            '--name[what you call them]:name:' ;;
        contacts) _arguments $common '--names[the names alone]' ;;
        send)
          _arguments $common '--file[send this file]:file:_files' \
            '--lifetime[how long it may be under way]:time:(1h 12h 1d 7d 14d)' \
            '--reply-to[the message that it answers]:number:' \
            '--disappear[gone so long after it was read]:time:(5min 1h 1d 7d)' \
            '--urgent[goes first]' '--wait[until it was delivered]' \
            '--timeout[give up waiting after this]:time:(10s 30s 5min 1h)' \
            '1:contact:_chaski_contacts' '*:text:' ;;
        messages)
          _arguments $common '--after[only higher numbers]:number:' '--limit[at most]:number:' \
            '1:contact:_chaski_contacts' ;;
        react) _arguments $common '1:message number:' '2:reaction:' ;;
        delete) _arguments $common '--here[on this node alone]' '1:message number:' ;;
        settings)
          _arguments $common '--name[what you call yourself]:name:' \
            '--read-receipts[whether contacts are told]:choice:(on off)' ;;
        files) _arguments $common '--remove[end and forget it]:number:' ;;
        save)
          _arguments $common '--force[replace what is there]' '1:number:' '2:path:_files' ;;
        carry)
          _arguments $common '--max[write, or read, at most]:size:(100M 1G)' \
            '--all[also what every place has]' '1:way:(out in)' '2:folder:_files -/' ;;
        watch) _arguments $common '--after[messages after this number first]:number:' ;;
        explain) _arguments $common '1:message number:' ;;
        completion) _arguments $common '1:shell:(bash zsh fish)' ;;
        *) _arguments $common ;;
      esac ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _chaski "$@"
else
  compdef _chaski chaski
fi
