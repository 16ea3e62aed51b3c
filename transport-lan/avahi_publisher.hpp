// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "transport-lan/avahi_session.hpp"
#include "transport-lan/interfaces.hpp"

namespace chaski::transport_lan {

/// What is to be published: the same name everywhere, on each interface its own addresses.
struct Publication {
  std::string name;
  std::uint16_t port = 0;
  std::map<int, std::vector<std::string>> addresses;  ///< by interface
};

/// At most this many addresses of one interface are published: IPv6 link-local when there is one,
/// and the IPv4 ones. More is not needed on a link, and would say more about the machine.
constexpr std::size_t kPublishedAddressesMax = 4;
std::vector<std::string> addresses_to_publish(const Interface& interface);

/// Keeps one entry group an interface in line with the publication: a service, and addresses under
/// a host name that is the service's random name, so that the machine's own name is not in them.
class AvahiPublisher : public std::enable_shared_from_this<AvahiPublisher> {
 public:
  struct Events {
    std::function<void()> changed;     ///< published() or problem() may be different
    std::function<void()> name_taken;  ///< somebody on the link has this name
  };

  AvahiPublisher(std::shared_ptr<AvahiSession> session, Events events);
  void publish(const Publication& wanted);
  void withdraw();
  /// A signal from one of our groups; false when the path is none of ours.
  bool group_state(const std::string& path, int state, const std::string& error);

  bool published() const;
  const std::string& problem() const { return problem_; }

 private:
  struct Group {
    std::string name;
    std::uint16_t port = 0;
    std::vector<std::string> addresses;
    std::string path;  ///< empty until Avahi made it
    bool established = false;
    bool dropped = false;
  };

  void open(int interface);
  void fill(int interface, const std::shared_ptr<Group>& group);
  void drop(const std::shared_ptr<Group>& group);
  std::function<void(const sdbus::Error*)> checked();
  void failed(const sdbus::Error& error);

  std::shared_ptr<AvahiSession> session_;
  Events events_;
  std::map<int, std::shared_ptr<Group>> groups_;
  std::string problem_;
};

}  // namespace chaski::transport_lan
