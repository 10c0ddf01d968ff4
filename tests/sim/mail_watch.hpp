#pragma once

#include "tests/sim/scenario.hpp"

#include "muster/messages/access_messages.hpp"
#include "muster/messages/mail_messages.hpp"
#include "muster/messages/requests.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster::sim {

/// What was sent, told and acknowledged, as those see it who ask.
///
/// I22  A message that was answered as sent is told until it is acknowledged.
/// I23  One that was acknowledged is told to nobody who asks later, and sent again
///      with its request id it is no second one.
/// I24  Nothing passes for which there was no allowance at any instant between the
///      question and the answer. Where hands or moves have been at work nobody can
///      say which namespace an agent is in, and nothing is judged. A deny that a
///      relay of the host's has forgotten stops nothing until it is told again.
class mail_watch {
public:
  mail_watch(const scenario& world, std::vector<std::string>& violations);

  /// The token of a message is its step.
  [[nodiscard]] static std::string payload_of(std::uint64_t step);

  // -- messages --
  void asked_to_send(std::uint64_t step, std::size_t from, std::size_t to, bool has_request);
  void sent(std::uint64_t step, const message_sent& answer);
  /// `final`: nothing of it is anywhere.
  void not_sent(std::uint64_t step, bool final);
  /// Whoever said that it failed may have done it.
  void half_sent(std::uint64_t step) { letters_.at(step).half = true; }
  void asked_to_read(std::uint64_t step) { reads_[step] = ++now_; }
  void told(std::uint64_t step, std::size_t project, const mail_read& answer);
  /// Some of what was told to the agent of a project; nothing if there is none.
  [[nodiscard]] std::optional<acknowledge_mail> acknowledgement(std::size_t project, std::uint64_t choice) const;
  void asked_to_acknowledge(const acknowledge_mail& what);
  void acknowledged(const acknowledge_mail& what);

  // -- who may reach whom --
  void asked_for_rule(const std::string& source, const std::string& target, std::optional<rule_action> wanted);
  /// Done without a note; or not done; or (`open`) nobody can tell.
  enum class outcome : std::uint8_t { done, not_done, open };
  void rule_settled(const std::string& source, const std::string& target, std::optional<rule_action> wanted,
                    outcome how);
  void asked_to_place(std::size_t project);
  void placed(std::size_t project, const agent_placed* answer, outcome how);
  /// A relay of the host's has none of its rules any more. It is told again by the
  /// next sweep, which may never come; what it is asked for meanwhile it has.
  void relay_forgot();
  /// Where agents live and in which namespace nobody knows any more.
  void lose_track();

  /// Messages may have died of age, and what was acknowledged is forgotten.
  void clock_jumped() noexcept { clock_jumped_ = true; }
  /// All mail of an agent that lives here, in the end. What an agent had that was
  /// removed at some time is dead.
  void judge(const std::string& agent, const std::vector<mail_item>& all, bool dropped);

  [[nodiscard]] std::size_t taken() const;
  [[nodiscard]] std::size_t judged() const noexcept { return judged_; }

private:
  enum class fate : std::uint8_t { unknown, taken, refused };
  struct letter {
    std::size_t from = 0;
    std::size_t to = 0;
    bool has_request = false;
    fate how = fate::unknown;
    bool may_pass = false;
    std::string agent; ///< that it went to, once that is known
    /// Of the messages it was made; another agent may be at the same path by now.
    std::map<std::string, std::set<std::string>> ids;
    /// Likewise, as they were told, also by their senders.
    std::map<std::pair<std::string, std::string>, std::set<std::string>> told;
    /// Of these, with the moments of the answers.
    std::map<std::string, std::uint64_t> acknowledged;
    bool tried = false; ///< to acknowledge it
    bool half = false;
  };
  using stand = std::optional<rule_action>;
  struct rule_state {
    std::set<stand> possible{stand{}};
    std::size_t open = 0;
    bool contested = false;
  };
  struct project_state {
    std::optional<std::string> space;
    std::size_t open = 0;
    bool contested = false;
    std::string reader; ///< whose mail was told last
  };

  [[nodiscard]] bool may_pass(std::size_t from, std::size_t to) const;
  [[nodiscard]] bool can_be(const std::string& source, const std::string& target, stand what) const;
  void look_again();
  letter* check_told(const mail_item& item, const std::string& agent);
  void violated(const std::string& what) { violations_.push_back(what); }

  std::vector<std::string>& violations_;
  bool twice_;
  bool tracks_ = true;
  bool clock_jumped_ = false;
  std::uint64_t now_ = 0;
  std::size_t judged_ = 0;
  std::map<std::uint64_t, letter> letters_;
  std::map<std::string, std::uint64_t> by_id_;
  std::map<std::uint64_t, std::uint64_t> reads_;       ///< when they were asked
  std::map<std::string, std::set<std::string>> known_; ///< ids told to an agent
  std::map<std::pair<std::string, std::string>, rule_state> rules_;
  std::vector<project_state> projects_;
};

} // namespace muster::sim
