# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(vault-key-file SOURCE vault_key_file_fuzz.cpp LINK chaski::vault)
chaski_fuzz(vault-record SOURCE vault_record_fuzz.cpp LINK chaski::vault)
chaski_fuzz(vault-backup SOURCE vault_backup_fuzz.cpp LINK chaski::vault)
