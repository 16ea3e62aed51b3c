# SPDX-License-Identifier: Apache-2.0
foreach(format one-contacts sociopatterns position-csv position-npy)
  string(REPLACE - _ stem ${format})
  chaski_fuzz(sim-${format}
    SOURCE ${CMAKE_CURRENT_LIST_DIR}/sim_${stem}_fuzz.cpp LINK chaski::sim-contacts)
endforeach()
chaski_fuzz(sim-message-events
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/sim_message_events_fuzz.cpp LINK chaski::sim-traffic)
chaski_fuzz(sim-wkt-streets
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/sim_wkt_streets_fuzz.cpp LINK chaski::sim-mobility)
chaski_fuzz(sim-scenario
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/sim_scenario_fuzz.cpp LINK chaski::sim-scenario)
chaski_fuzz(sim-scenario-changes
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/sim_scenario_changes_fuzz.cpp LINK chaski::sim-scenario)
