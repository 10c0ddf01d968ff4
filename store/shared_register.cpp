#include "muster/store/shared_register.hpp"

#include <algorithm>

namespace muster {

namespace {

bool is_by(const open_claim& claim, const register_head& op) {
  return claim.author == op.author && claim.seq == op.seq;
}

/// Nobody sees its own feed from its own op on.
sequence saw_through(const register_head& op, std::span<const seen_entry> saw, instance_index instance) {
  for (const auto& entry : saw)
    if (entry.instance == instance)
      return instance == op.author ? std::min(entry.through, op.seq - 1) : entry.through;
  return 0;
}

/// Ops that are folded came too early to know of `op`; only an op that came
/// before what it claims to have seen can supersede it on arrival.
bool is_superseded_on_arrival(const shared_register& in, const register_head& op, std::span<const seen_entry> saw) {
  if (!in.unusual)
    return false;
  return std::any_of(in.unusual->claims.begin(), in.unusual->claims.end(), [&](const open_claim& claim) {
    return claim.instance == op.author && claim.through >= op.seq && saw_through(op, saw, claim.author) < claim.seq;
  });
}

bool claims_to_have_seen(const shared_register& in, const register_head& head, const register_head& op) {
  if (!in.unusual)
    return false;
  return std::any_of(in.unusual->claims.begin(), in.unusual->claims.end(), [&](const open_claim& claim) {
    return is_by(claim, head) && claim.instance == op.author && claim.through >= op.seq;
  });
}

void note_seen(shared_register& in, instance_index author, sequence seq) {
  for (auto& entry : in.seen)
    if (entry.instance == author) {
      entry.through = seq;
      return;
    }
  in.seen.push_back({author, seq});
}

/// Keeps the greatest of the superseded ops.
void offer_spare(shared_register& in, register_head op, const register_judge& judge) {
  auto& spare = in.unusual.make().spare;
  if (!spare || judge.outranks(op, *spare))
    spare = std::move(op);
}

/// Drops what R4 does not ask for.
void forget_the_settled(shared_register& in, const register_judge& judge) {
  if (!in.unusual)
    return;
  auto& spare = in.unusual->spare;
  if (spare && std::any_of(in.heads.begin(), in.heads.end(),
                           [&](const register_head& head) { return judge.outranks(head, *spare); }))
    spare.reset();
  if (in.unusual->claims.empty() && !spare && in.unusual->open_ops.empty())
    in.unusual.reset();
}

/// Sole successor of a sole head in a register that one author writes, knowing
/// all there is: nearly every op there is.
bool is_plain_successor(const shared_register& in, const register_head& op, std::span<const seen_entry> saw,
                        sequence before) {
  return in.heads.size() == 1 && !in.unusual && saw_through(op, saw, in.heads[0].author) >= in.heads[0].seq &&
         saw_through(op, saw, op.author) >= before &&
         std::all_of(saw.begin(), saw.end(), [&](const seen_entry& entry) { return entry.instance == op.author; });
}

/// R6: what `op` says it saw, and what those of its author's open ops saw that it saw.
std::vector<seen_entry> all_seen(const shared_register& in, const register_head& op, std::span<const seen_entry> saw) {
  std::vector<seen_entry> result(saw.begin(), saw.end());
  if (!in.unusual)
    return result;
  const auto own = saw_through(op, saw, op.author);
  for (const auto& claim : in.unusual->claims)
    if (claim.author == op.author && claim.seq <= own)
      result.push_back({claim.instance, claim.through});
  // Of each instance the furthest.
  std::ranges::sort(result, [](const seen_entry& a, const seen_entry& b) {
    return std::pair(a.instance, b.through) < std::pair(b.instance, a.through);
  });
  const auto is_same = [](const seen_entry& a, const seen_entry& b) { return a.instance == b.instance; };
  result.erase(std::unique(result.begin(), result.end(), is_same), result.end());
  return result;
}

/// R7: whether what `op` saw may be kept beside what those ops of its author saw that stay open.
bool has_room_for_claims(const shared_register& in, const register_head& op, std::span<const seen_entry> saw) {
  auto count = std::ranges::count_if(saw, [&](const seen_entry& entry) { return entry.instance != op.author; });
  if (in.unusual)
    count += std::ranges::count_if(in.unusual->claims, [own = saw_through(op, saw, op.author), &op](const auto& claim) {
      return claim.author == op.author && claim.seq > own;
    });
  return static_cast<std::size_t>(count) <= max_open_claims;
}

/// R5: notes `op` among the open ops of its author; false if there is no room.
/// `before` is the author's latest op until now.
bool note_open(shared_register& in, const register_head& op, std::span<const seen_entry> saw, sequence before) {
  std::vector<sequence> open;
  if (in.unusual)
    for (const auto& entry : in.unusual->open_ops)
      if (entry.instance == op.author)
        open.push_back(entry.through);
  if (open.empty() && before != 0)
    open.push_back(before);
  std::erase_if(open, [through = saw_through(op, saw, op.author)](sequence seq) { return seq <= through; });
  if (open.size() >= max_open_ops)
    return false;
  open.push_back(op.seq);
  if (in.unusual)
    std::erase_if(in.unusual->open_ops, [&](const seen_entry& entry) { return entry.instance == op.author; });
  if (open.size() > 1)
    for (const auto seq : open)
      in.unusual.make().open_ops.push_back({op.author, seq});
  return true;
}

void enter_head(shared_register& in, register_head op, std::span<const seen_entry> saw, const register_judge& judge) {
  const bool superseded = is_superseded_on_arrival(in, op, saw);
  for (std::size_t i = in.heads.size(); i-- > 0;) {
    auto& head = in.heads[i];
    if (saw_through(op, saw, head.author) < head.seq || claims_to_have_seen(in, head, op))
      continue;
    offer_spare(in, std::move(head), judge);
    in.heads.erase(in.heads.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (in.unusual)
    std::erase_if(in.unusual->claims, [&](const open_claim& claim) {
      return claim.author == op.author && claim.seq <= saw_through(op, saw, op.author);
    });
  for (const auto& entry : saw)
    if (entry.instance != op.author)
      in.unusual.make().claims.push_back({op.author, op.seq, entry.instance, entry.through});
  if (superseded)
    offer_spare(in, std::move(op), judge);
  else
    in.heads.push_back(std::move(op));
}

} // namespace

std::uint8_t restriction_of(const std::optional<std::string>& rule_value) noexcept {
  if (!rule_value)
    return 1;
  return *rule_value == "allow" ? 0 : 2;
}

contender register_judge::enter(const register_head& head) const {
  return {.restriction = is_rule ? restriction_of(head.value) : std::uint8_t{0},
          .adopted = head.origin == head_origin::adopted,
          .at = head.at,
          .value = &head.value,
          .instance = instances[head.author].id.text,
          .seq = head.seq};
}

bool register_judge::outranks(const register_head& a, const register_head& b) const {
  return compare_contenders(enter(a), enter(b), key) > 0;
}

register_judge judge_field(const instance_table& instances, meaning_function meaning, std::string_view field) noexcept {
  return {.instances = instances, .key = {meaning, field}, .is_rule = false};
}

register_judge judge_rule(const instance_table& instances) noexcept {
  return {.instances = instances, .key = {}, .is_rule = true};
}

std::optional<refusal_reason> apply(shared_register& to, register_head op, std::span<const seen_entry> saw,
                                    const register_judge& judge) {
  const auto before = seen_of(to, op.author);
  if (op.seq <= before)
    return refusal_reason::repeated_key;
  if (is_plain_successor(to, op, saw, before)) {
    note_seen(to, op.author, op.seq);
    if (!judge.outranks(op, to.heads[0]))
      offer_spare(to, std::move(to.heads[0]), judge);
    to.heads[0] = std::move(op);
    return std::nullopt;
  }
  const auto seen = all_seen(to, op, saw);
  if (!has_room_for_claims(to, op, seen) || !note_open(to, op, seen, before))
    return refusal_reason::too_many_open;
  note_seen(to, op.author, op.seq);
  enter_head(to, std::move(op), seen, judge);
  forget_the_settled(to, judge);
  return std::nullopt;
}

sequence seen_of(const shared_register& of, instance_index author) noexcept {
  for (const auto& entry : of.seen)
    if (entry.instance == author)
      return entry.through;
  return 0;
}

saw_vector saw_now(const shared_register& of, const instance_table& instances) {
  saw_vector result;
  for (const auto& entry : of.seen)
    result.emplace(instances[entry.instance].id, entry.through);
  return result;
}

std::vector<const register_head*> ranked_heads(const shared_register& of, const register_judge& judge) {
  std::vector<const register_head*> result;
  for (const auto& head : of.heads)
    result.push_back(&head);
  if (result.empty() && of.unusual && of.unusual->spare)
    result.push_back(&*of.unusual->spare);
  std::sort(result.begin(), result.end(),
            [&](const register_head* a, const register_head* b) { return judge.outranks(*a, *b); });
  return result;
}

const register_head* winner_of(const shared_register& of, const register_judge& judge) {
  if (of.heads.empty())
    return of.unusual && of.unusual->spare ? &*of.unusual->spare : nullptr;
  const register_head* best = &of.heads[0];
  for (const auto& head : of.heads)
    if (&head != best && judge.outranks(head, *best))
      best = &head;
  return best;
}

bool is_contested(const shared_register& of, const register_judge& judge) {
  return std::any_of(of.heads.begin(), of.heads.end(), [&](const register_head& head) {
    return head.value != of.heads[0].value && judge.key.of(head.value) != judge.key.of(of.heads[0].value);
  });
}

} // namespace muster
