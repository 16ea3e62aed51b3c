# SPDX-License-Identifier: Apache-2.0
# The LAN transport against real avahi-daemons; skipped, with the reason, where namespaces are not
# permitted.
if(TARGET lan-probe)
  foreach(name discovery ipv6_link_local_only ipv4_only published_records_name_nobody avahi_restarts
      dbus_restarts avahi_appears_later bus_that_hangs interface_goes_down_and_up
      node_leaves_and_returns two_wires_one_link three_in_a_line only_named_interfaces
      kill_and_restart goodbye idle_costs_nothing a_taken_name_is_given_up)
    add_test(NAME lab.lan.${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/lan_lab.py
      $<TARGET_FILE:lan-probe> ${name})
    set_tests_properties(lab.lan.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
  endforeach()
endif()
