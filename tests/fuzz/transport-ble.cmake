# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(ble-datum SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/ble_datum_fuzz.cpp
  LINK chaski::transport-ble chaski::base)
chaski_fuzz(bluez-decode SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/bluez_decode_fuzz.cpp
  LINK chaski::transport-ble chaski::base)
chaski_fuzz(ble-greeting SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/ble_greeting_fuzz.cpp
  LINK chaski::transport-ble chaski::base)
