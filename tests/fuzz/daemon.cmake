# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(daemon-config
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/daemon_config_fuzz.cpp LINK chaski::daemon)
chaski_fuzz(daemon-api
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/daemon_api_fuzz.cpp
  LINK chaski::daemon nlohmann_json::nlohmann_json)
chaski_fuzz(daemon-records
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/daemon_records_fuzz.cpp LINK chaski::daemon)
