# SPDX-License-Identifier: Apache-2.0
# Completion of chaski for fish. Load it with: chaski completion fish | source

set -l commands init whoami invite card cards add pair verify trust block unblock heal contacts \
    introduce introductions send messages files save react delete settings watch unlock lock \
    passphrase panic backup restore carry status explain completion

complete -c chaski -f
complete -c chaski -l json -d "print what the node's API answered"
complete -c chaski -l socket -r -F -d "the node's socket"
complete -c chaski -l help -d 'show help'

set -l none "not __fish_seen_subcommand_from $commands"
complete -c chaski -n $none -l version -d 'show the version'
complete -c chaski -n $none -a init -d 'make an identity on this node'
complete -c chaski -n $none -a whoami -d 'show the identity on this node'
complete -c chaski -n $none -a invite -d 'make an invitation'
complete -c chaski -n $none -a card -d 'show your card, for anybody'
complete -c chaski -n $none -a cards -d 'list cards of others'
complete -c chaski -n $none -a add -d 'take an invitation or a card'
complete -c chaski -n $none -a pair -d 'become contacts with somebody near'
complete -c chaski -n $none -a verify -d 'compare the safety number'
complete -c chaski -n $none -a trust -d 'write to one whose identity changed'
complete -c chaski -n $none -a block -d 'neither write nor read'
complete -c chaski -n $none -a unblock -d 'read again'
complete -c chaski -n $none -a heal -d 'begin a new session with a contact'
complete -c chaski -n $none -a contacts -d 'list the people you know'
complete -c chaski -n $none -a introduce -d 'ask two whether they want to meet'
complete -c chaski -n $none -a introductions -d 'list introductions, or answer one'
complete -c chaski -n $none -a send -d 'write a message'
complete -c chaski -n $none -a messages -d 'show messages'
complete -c chaski -n $none -a react -d 'answer with a picture'
complete -c chaski -n $none -a delete -d 'delete a message'
complete -c chaski -n $none -a settings -d 'what you chose'
complete -c chaski -n $none -a files -d 'show files that come and go'
complete -c chaski -n $none -a carry -d 'hand envelopes to a runner on a stick, or take theirs'
complete -c chaski -n $none -a save -d 'write a file that came to a place'
complete -c chaski -n $none -a watch -d 'show what happens as it happens'
complete -c chaski -n $none -a unlock -d 'open what you wrote and know'
complete -c chaski -n $none -a lock -d 'close it'
complete -c chaski -n $none -a passphrase -d 'change the passphrase'
complete -c chaski -n $none -a backup -d 'write it to a sealed file'
complete -c chaski -n $none -a restore -d 'take a backup in'
complete -c chaski -n $none -a panic -d 'destroy everything, for good'
complete -c chaski -n $none -a status -d 'tell what the node is doing'
complete -c chaski -n $none -a explain -d 'tell the life of one message'
complete -c chaski -n $none -a completion -d 'print a completion script'

complete -c chaski -n '__fish_seen_subcommand_from init unlock passphrase backup restore' \
    -l passphrase-fd -x -d 'read it from this open file'
complete -c chaski -n '__fish_seen_subcommand_from init passphrase restore' -l no-passphrase \
    -d 'whoever has the disk can read all'
complete -c chaski -n '__fish_seen_subcommand_from passphrase' -l old-passphrase-fd -x \
    -d 'read the one of now'
complete -c chaski -n '__fish_seen_subcommand_from backup restore' -F
complete -c chaski -n '__fish_seen_subcommand_from restore' -l backup-passphrase-fd -x \
    -d 'of the backup'
complete -c chaski -n '__fish_seen_subcommand_from panic' -l now -d 'do not ask'
set -l links '__fish_seen_subcommand_from invite card add'
complete -c chaski -n $links -l qr -d 'always print the QR code'
complete -c chaski -n $links -l no-qr -d 'the link alone'
complete -c chaski -n $links -l png -r -d 'QR code as a PNG file'
complete -c chaski -n $links -l svg -r -d 'QR code as an SVG file'
complete -c chaski -n '__fish_seen_subcommand_from invite' -l price -x -a '0 18 20 22' \
    -d 'work that an answer must prove'
complete -c chaski -n '__fish_seen_subcommand_from card' -l price -x -a '16 18 20 22' \
    -d 'work that each answer must prove'
complete -c chaski -n '__fish_seen_subcommand_from card' -l days -x -a '7 30 90' -d 'good for'
complete -c chaski -n '__fish_seen_subcommand_from add' -l card -x -d 'fingerprint of a card'
complete -c chaski -n '__fish_seen_subcommand_from card' -l publish -d 'through the mesh'
complete -c chaski -n '__fish_seen_subcommand_from card' -l new -d 'a new one'
complete -c chaski -n '__fish_seen_subcommand_from card' -l withdraw -d 'take all back'
complete -c chaski -n '__fish_seen_subcommand_from pair' -l yes-if -r \
    -d 'confirm who shows these words'
complete -c chaski -n '__fish_seen_subcommand_from pair' -l cancel -d 'stop it'
complete -c chaski -n '__fish_seen_subcommand_from add pair' -l name -r -d 'what you call them'
complete -c chaski -n '__fish_seen_subcommand_from add' -l cancel -x \
    -a '(chaski contacts --names 2>/dev/null)' -d 'stop working for this contact'
complete -c chaski -n '__fish_seen_subcommand_from contacts' -l names -d 'the names alone'
complete -c chaski -n '__fish_seen_subcommand_from add' -l replace \
    -d 'who has that name is another now'
complete -c chaski -n '__fish_seen_subcommand_from send' -l reply-to -x -d 'the message it answers'
complete -c chaski -n '__fish_seen_subcommand_from send' -l disappear -x -a '5min 1h 1d 7d' \
    -d 'gone after reading'
complete -c chaski -n '__fish_seen_subcommand_from delete' -l here -d 'on this node alone'
complete -c chaski -n '__fish_seen_subcommand_from settings' -l name -x -d 'what you call yourself'
complete -c chaski -n '__fish_seen_subcommand_from settings' -l read-receipts -x -a 'on off' \
    -d 'whether contacts are told'
complete -c chaski -n '__fish_seen_subcommand_from verify' -l undo -d 'not verified any more'
complete -c chaski -n '__fish_seen_subcommand_from introduce' -l note -x -d 'said to both'
complete -c chaski -n '__fish_seen_subcommand_from introductions' -a 'accept decline'
complete -c chaski -n '__fish_seen_subcommand_from introductions' -l name -x -d 'what you call them'
complete -c chaski -n '__fish_seen_subcommand_from introduce' \
    -a '(chaski contacts --names 2>/dev/null)'
complete -c chaski -n '__fish_seen_subcommand_from send messages verify trust block unblock heal' \
    -a '(chaski contacts --names 2>/dev/null)'
complete -c chaski -n '__fish_seen_subcommand_from send' -l file -r -F -d 'send this file'
complete -c chaski -n '__fish_seen_subcommand_from files' -l remove -x -d 'end and forget it'
complete -c chaski -n '__fish_seen_subcommand_from carry' -a 'out in'
complete -c chaski -n '__fish_seen_subcommand_from carry' -F
complete -c chaski -n '__fish_seen_subcommand_from carry' -l max -x -a '100M 1G' -d 'at most'
complete -c chaski -n '__fish_seen_subcommand_from carry' -l all -d 'also what every place has'
complete -c chaski -n '__fish_seen_subcommand_from save' -l force -d 'replace what is there'
complete -c chaski -n '__fish_seen_subcommand_from save' -F
complete -c chaski -n '__fish_seen_subcommand_from send' -l lifetime -x -a '1h 12h 1d 7d 14d' \
    -d 'how long it may be under way'
complete -c chaski -n '__fish_seen_subcommand_from send' -l urgent -d 'goes first'
complete -c chaski -n '__fish_seen_subcommand_from send' -l wait -d 'until it was delivered'
complete -c chaski -n '__fish_seen_subcommand_from send' -l timeout -x -a '10s 30s 5min 1h' \
    -d 'give up waiting after this'
complete -c chaski -n '__fish_seen_subcommand_from messages watch' -l after -x \
    -d 'only higher numbers'
complete -c chaski -n '__fish_seen_subcommand_from messages' -l limit -x -d 'at most'
complete -c chaski -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
