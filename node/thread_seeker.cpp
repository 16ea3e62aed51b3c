// SPDX-License-Identifier: Apache-2.0
#include "node/thread_seeker.hpp"

#include <algorithm>

namespace chaski::node {

void ThreadSeeker::add(Purpose purpose, const e2ee::PersonId& contact,
                       std::vector<wire::EnvelopeId> wanted, std::size_t steps, base::Time now) {
  const std::size_t jobs_max = purpose == Purpose::read ? kReadJobsMax : kJobsMax;
  if (wanted.empty() || jobs_.size() >= jobs_max) return;
  jobs_.push_back({purpose, contact, std::move(wanted), steps});
  if (!at_) at_ = now;
}

/// One slice of a job; false when it is over.
bool ThreadSeeker::step(Job& job, std::vector<Found>& found) {
  std::size_t steps = std::min(job.steps, kStepsAtOnce);
  job.steps -= steps;
  while (!job.wanted.empty()) {
    const ThreadSearch search = people_.search_thread(job.contact, job.wanted, job.next, steps);
    steps -= std::min(steps, search.steps);
    job.next = search.next;
    if (!search.found) return search.next != 0 && job.steps > 0;
    found.push_back({job.purpose, search.found->message});
    std::erase(job.wanted, search.found->envelope);
    if (job.next == 0) return false;
  }
  return false;
}

std::vector<ThreadSeeker::Found> ThreadSeeker::wake(base::Time now) {
  std::vector<Found> found;
  if (!at_ || *at_ > now) return found;
  at_.reset();
  if (!jobs_.empty()) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    if (step(job, found)) jobs_.push_back(std::move(job));
  }
  if (!jobs_.empty()) at_ = now + kPause;
  return found;
}

}  // namespace chaski::node
