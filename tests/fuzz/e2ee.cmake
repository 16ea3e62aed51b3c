# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(e2ee-invite SOURCE e2ee_invite_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-load SOURCE e2ee_load_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-open SOURCE e2ee_open_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-answer SOURCE e2ee_answer_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-pairing SOURCE e2ee_pairing_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-prekeys SOURCE e2ee_prekeys_fuzz.cpp LINK chaski::e2ee)
chaski_fuzz(e2ee-introduction SOURCE e2ee_introduction_fuzz.cpp LINK chaski::e2ee)
