#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::sim {

/// The numbers that describe a world. Those from `first_fault` on are rates of
/// faults, for a million chances each; 0 switches one off.
enum class knob : std::uint8_t {
  projects,
  clients,
  tick_us,
  priorities, ///< 1: the driver goes by priorities
  relay_mode, ///< as in `relay_mode`
  relay_kind, ///< 0: embedded, 1: of the host, forgets with it, 2: of the host, remembers
  sweep_ms,
  grace_ms,
  ordered_disk,   ///< 1: the disk crashes as ext4 does, 0: as POSIX permits
  hold_checkouts, ///< 1: what a branch switch brings back is held
  scans,          ///< 1: sweeps look for what nobody has registered
  project_error,
  feed_error,
  database_error,
  other_error, ///< of all else in the data directory
  error_but_done,
  short_transfer,
  sync_loses_data,
  slow_call,
  hung_call,
  answer_lost,
  answer_late,
  answer_twice,
  relay_refuses,
  relay_silent,      ///< does nothing and says nothing
  relay_done_silent, ///< does it and says nothing
  relay_half,        ///< does it and says that it failed
};
inline constexpr std::size_t knobs = 27;
inline constexpr auto first_fault = knob::project_error;

/// What happens in a world besides what muster does. The numbers a, b and c of
/// a step are told with each.
enum class verb : std::uint8_t {
  // Requests; a: the client, b: the project, c: bits of `ask_bits`, and a number.
  register_it,
  update,
  revert,
  move, ///< the directory goes to project c and muster is told
  unregister,
  unregister_keeping,
  unregister_everywhere,
  heartbeat,
  sweep,
  list,
  show,
  log,
  describe,
  repeat, ///< a: the client, b: the number of a step; its request once more
  // Hand edits; a: the project.
  save,      ///< by a rename, durably
  overwrite, ///< in place; other calls may come between
  spoil,     ///< what is there is no manifest any more
  remove,
  restore,  ///< content that stood there before
  checkout, ///< b projects from a on change at once, some to what they held before
  copy,     ///< a: from, b: to
  relocate, ///< a: from, b: to; nobody is told
  // Troubles.
  kill_actor,   ///< a: which, of `mortal_actors`
  kill_process, ///< a: after so many calls of the disk, or soon
  power_loss,   ///< likewise
  jump_clock,   ///< a: which jump, of `clock_jumps`
  forget_relay, ///< the relay forgets everything
  break_volume, ///< a: 0 data, 1 projects; b: which errno, of `volume_errors`
  mend_volumes,
  // Absence, which is over when the calm begins.
  unmount, ///< the volume of the projects
  mount,
  deny, ///< nobody may look into project a
  allow,
  vanish,    ///< b projects from a on are moved away, directories and all
  come_back, ///< all that have vanished
  // A hand edit, too.
  switch_branch, ///< as `checkout`, and git says so
  // Requests, too; b: the project.
  deny_path,
  undeny_path,
  admit, ///< or, with `more_fields`, all of a namespace
  // Requests, too; b: the namespace that sends, c: bits, the one that receives and what is said.
  allow_rule,
  deny_rule,
  withdraw_rule,
  // Mail; a: the client, b: the project it is for, c: bits, and whose it is, which of it.
  send_mail, ///< from that project, or after the last one from the console
  read_mail,
  ack_mail,
  enter_space, ///< a request; b: the project, c: bits, and whose namespace it comes into
};
inline constexpr std::size_t verbs = 46;

[[nodiscard]] std::string_view to_string(knob which) noexcept;
[[nodiscard]] std::string_view to_string(verb which) noexcept;
[[nodiscard]] bool is_request(verb what) noexcept;
[[nodiscard]] bool is_edit(verb what) noexcept;
/// Such requests do not wait for others of their client.
[[nodiscard]] bool is_mail(verb what) noexcept;

/// Of a request's c.
namespace ask_bits {
inline constexpr std::uint64_t with_request_id = 1;
inline constexpr std::uint64_t by_id = 2;
inline constexpr std::uint64_t if_hash = 4;
inline constexpr std::uint64_t more_fields = 8;
inline constexpr unsigned number_from = 8; ///< the number stands above these bits
} // namespace ask_bits

struct scenario_step {
  std::uint64_t id = 0; ///< stays when others are left out
  std::uint64_t at_ms = 0;
  verb what = verb::list;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint64_t c = 0;
  friend bool operator==(const scenario_step&, const scenario_step&) = default;
};

/// All that a run depends on. Drawn from a seed, and then free of it but for the
/// choices made on the way, so that steps can be left out.
struct scenario {
  std::uint64_t seed = 0;
  std::array<std::uint64_t, knobs> values{};
  std::vector<scenario_step> steps; ///< by time

  [[nodiscard]] std::uint64_t operator[](knob which) const { return values.at(static_cast<std::size_t>(which)); }
  std::uint64_t& operator[](knob which) { return values.at(static_cast<std::size_t>(which)); }
  [[nodiscard]] std::uint32_t rate(knob which) const { return static_cast<std::uint32_t>((*this)[which]); }

  [[nodiscard]] static scenario draw(std::uint64_t seed);
  /// One line a number and a step.
  [[nodiscard]] std::string text() const;
  /// Nothing if it is not what `text` writes. Lines that begin with # are skipped.
  [[nodiscard]] static std::optional<scenario> read(std::string_view text);
  friend bool operator==(const scenario&, const scenario&) = default;
};

} // namespace muster::sim
