#include "muster/supervisor/denial_desk.hpp"

#include "muster/store/hlc.hpp"
#include "muster/supervisor/request_hash.hpp"

#include <utility>

namespace muster {

namespace {

/// Of what it made, for who asks.
std::optional<known_denial> denial_in(const commit& made) {
  for (const auto& each : made.ops)
    if (const auto* put = std::get_if<deny_put>(&each))
      return known_denial{put->path, put->reason, put->by, time_of(made.at), put->strategy, {made.instance, made.seq}};
  return std::nullopt;
}

std::optional<known_denial> only(denials_listed what) {
  if (what.denials.empty())
    return std::nullopt;
  return std::move(what.denials.front());
}

template <class Request>
change_request request_for(const Request& asked, planner plan) {
  return {asked.request,
          asked.request.empty() ? std::string{} : hash_of(asked),
          std::move(plan),
          {asked.path},
          claim_conflict::wait};
}

} // namespace

struct denial_desk::lifting {
  undeny_path asked;
  undenial_facts known = {};
};

void denial_desk::deny(const deny_path& asked, const taker<path_denied>& then) {
  auto path = project_directory(asked.path);
  if (!path)
    return then(path.error());
  const auto which = std::make_shared<denying>(denying{asked, std::move(*path)});
  which->known.user = core_.options.user;
  auto request = request_for(asked, [this, which](const plan_taker& take) { resolve(which, take); });
  request.made = [which](const commit& made) { which->made = denial_in(made); };
  request.over = [this, which] {
    which->over = true;
    if (std::exchange(which->closed, false))
      gate_.reopen(which->known.path);
  };
  changes_.take(std::move(request), [this, which, then](const change_answer& answer) { end(which, answer, then); });
}

/// The directory may be another each time it is planned.
void denial_desk::resolve(const denying_ptr& which, const plan_taker& then) {
  look_up<path_resolved>(core_, core_.by.files, resolve_path{which->typed},
                         [this, which, then](expected<path_resolved> found) {
                           if (!found)
                             return then(found.error());
                           auto path = project_directory(found->path);
                           if (!path)
                             return then(path.error());
                           close_gate(which, std::move(*path));
                           look_who_lives_there(which, which->known.path, then);
                         });
}

void denial_desk::close_gate(const denying_ptr& which, std::string path) {
  if (which->closed)
    gate_.reopen(which->known.path);
  which->known.path = std::move(path);
  which->closed = !which->over;
  if (which->closed)
    gate_.close(which->known.path);
}

/// A roster may spell the directory as it was typed, too.
void denial_desk::look_who_lives_there(const denying_ptr& which, const std::string& path, const plan_taker& then) {
  look_up<path_found>(core_, core_.by.index, find_path{path},
                      [this, which, path, then](const expected<path_found>& found) {
                        if (!found)
                          return then(found.error());
                        which->known.agent = found->agent;
                        which->known.home = path;
                        if (!found->agent && path != which->typed)
                          return look_who_lives_there(which, which->typed, then);
                        look_what_stands(which, then);
                      });
}

void denial_desk::look_what_stands(const denying_ptr& which, const plan_taker& then) {
  look_up<denials_listed>(core_, core_.by.index, list_denials{which->known.path},
                          [this, which, then](expected<denials_listed> found) {
                            if (!found)
                              return then(found.error());
                            which->known.standing = only(std::move(*found));
                            which->known.arriving = gate_.inside(which->known.path);
                            then(plan_denial(which->asked, which->known, core_.ground));
                          });
}

void denial_desk::end(const denying_ptr& which, const change_answer& answer, const taker<path_denied>& then) {
  if (!answer)
    return then(answer.error());
  if (which->made)
    return then(path_denied{std::move(*which->made)});
  // Nothing had to be done, so it stood before.
  look_up<denials_listed>(core_, core_.by.index, list_denials{answer->path},
                          [placed = *answer, then](expected<denials_listed> found) {
                            if (!found)
                              return then(found.error());
                            if (auto standing = only(std::move(*found)))
                              return then(path_denied{std::move(*standing)});
                            known_denial gone;
                            gone.path = placed.path;
                            gone.version = placed.version;
                            then(path_denied{std::move(gone)});
                          });
}

void denial_desk::undeny(const undeny_path& asked, const taker<path_undenied>& then) {
  auto path = project_directory(asked.path);
  if (!path)
    return then(path.error());
  const auto which = std::make_shared<lifting>(lifting{asked});
  which->known.path = std::move(*path);
  auto request = request_for(asked, [this, which](const plan_taker& take) { find_as_typed(which, take); });
  changes_.take(std::move(request), [then](const change_answer& answer) {
    if (!answer)
      return then(answer.error());
    then(path_undenied{answer->path, answer->version.seq != 0, answer->version});
  });
}

void denial_desk::find_as_typed(const lifting_ptr& which, const plan_taker& then) {
  look_up<denials_listed>(core_, core_.by.index, list_denials{which->known.path},
                          [this, which, then](expected<denials_listed> found) {
                            if (!found)
                              return then(found.error());
                            which->known.as_typed = only(std::move(*found));
                            if (!which->known.as_typed)
                              return find_as_resolved(which, then);
                            then(plan_undenial(which->known, core_.ground));
                          });
}

/// Only now is the disk asked, which may be away for good.
void denial_desk::find_as_resolved(const lifting_ptr& which, const plan_taker& then) {
  look_up<path_resolved>(core_, core_.by.files, resolve_path{which->known.path},
                         [this, which, then](expected<path_resolved> path) {
                           if (!path)
                             return then(path.error());
                           look_up<denials_listed>(core_, core_.by.index, list_denials{path->path},
                                                   [this, which, then](expected<denials_listed> found) {
                                                     if (!found)
                                                       return then(found.error());
                                                     which->known.as_resolved = only(std::move(*found));
                                                     then(plan_undenial(which->known, core_.ground));
                                                   });
                         });
}

} // namespace muster
