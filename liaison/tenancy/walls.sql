-- Functions behind the audit trail. They run as the owner of the tables, so the web and worker roles
-- need no right to write the trail. gen_random_uuid() and sha256() are part of PostgreSQL itself.

CREATE TABLE IF NOT EXISTS liaison_auditsalt (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), salt text NOT NULL);
INSERT INTO liaison_auditsalt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text) ON CONFLICT DO NOTHING;
REVOKE ALL ON liaison_auditsalt FROM PUBLIC, liaison_web, liaison_worker;

-- The former shapes of these functions, one call a row.
DROP FUNCTION IF EXISTS liaison_audit_append(bigint, text, text, text, bigint, text, text, text);

-- Chains entries, given as parallel arrays in order of their scope: per jurisdiction one lock and one look for the
-- last entry, however many rows. The head itself is brought up at commit (liaison_audit_seal): written once a row it
-- would leave a dead version each time, and every next look would walk over all of them.
CREATE OR REPLACE FUNCTION liaison_audit_append(
  p_operation text, p_table text, p_change text, p_scopes bigint[], p_rows bigint[], p_details text[], p_digests text[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_actor text := left(coalesce(current_setting('app.actor', true), ''), 80);
  v_account text := coalesce(current_setting('app.account', true), '');
  v_appointment text := coalesce(current_setting('app.appointment', true), '');
  v_request text := left(coalesce(current_setting('app.request', true), ''), 40);
  v_reason text := left(coalesce(current_setting('app.reason', true), ''), 400);
  v_operation text := left(coalesce(nullif(p_operation, ''), p_change), 80);
  v_account_ref bigint := nullif(v_account, '')::bigint;
  v_appointment_ref bigint := nullif(v_appointment, '')::bigint;
  v_at timestamptz;
  v_scope bigint;
  v_seq bigint;
  v_prev text;
  v_hash text;
  v_is_open boolean;
BEGIN
  IF v_actor = '' THEN
    RAISE EXCEPTION 'write without an actor on %', p_table USING ERRCODE = '42501';
  END IF;
  FOR i IN 1 .. cardinality(p_scopes) LOOP
    IF v_scope IS DISTINCT FROM p_scopes[i] THEN
      v_scope := p_scopes[i];
      -- The head's row lock, held to the end of the transaction, puts the entries of one jurisdiction in order.
      SELECT seq, hash, is_open INTO v_seq, v_prev, v_is_open FROM liaison_audithead WHERE scope_code = v_scope FOR UPDATE;
      IF NOT FOUND THEN
        INSERT INTO liaison_audithead (scope_code, seq, hash, is_open) VALUES (v_scope, 0, repeat('0', 64), false)
          ON CONFLICT (scope_code) DO NOTHING;
        SELECT seq, hash, is_open INTO v_seq, v_prev, v_is_open FROM liaison_audithead WHERE scope_code = v_scope FOR UPDATE;
      END IF;
      -- Open is only ever seen by the transaction that opened it: the chain goes on from its own last entry.
      IF v_is_open THEN
        SELECT seq, hash INTO v_seq, v_prev FROM liaison_auditentry WHERE scope_code = v_scope ORDER BY seq DESC LIMIT 1;
      END IF;
    END IF;
    v_seq := v_seq + 1;
    v_at := clock_timestamp();
    v_hash := encode(sha256(convert_to(concat_ws('|',
      v_prev, v_scope, v_seq, to_char(v_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), v_actor, v_account,
      v_appointment, v_operation, v_reason, p_table, p_rows[i], p_change, p_details[i], p_digests[i]), 'UTF8')), 'hex');
    INSERT INTO liaison_auditentry (scope_code, seq, at, actor, account_ref, appointment_ref, request_ref, operation,
      reason, table_name, row_ref, change, detail, digest, prev_hash, hash)
    VALUES (v_scope, v_seq, v_at, v_actor, v_account_ref, v_appointment_ref, v_request, v_operation,
      v_reason, p_table, p_rows[i], p_change, p_details[i], p_digests[i], v_prev, v_hash);
    v_prev := v_hash;
    IF NOT v_is_open AND v_scope IS DISTINCT FROM p_scopes[i + 1] THEN
      -- After its entries: whoever makes constraints immediate has it sealed here and now.
      UPDATE liaison_audithead SET is_open = true WHERE scope_code = v_scope;
    END IF;
  END LOOP;
END $$;

-- At the end of a transaction the heads it opened take the place of their last entry. Its own interval is told to
-- row-level security, as nobody acts any more by then.
CREATE OR REPLACE FUNCTION liaison_audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_lo text := current_setting('app.lo', true);
  v_hi text := current_setting('app.hi', true);
BEGIN
  PERFORM set_config('app.lo', NEW.scope_code::text, true), set_config('app.hi', (NEW.scope_code + 1)::text, true);
  UPDATE liaison_audithead AS head SET seq = last.seq, hash = last.hash, is_open = false
    FROM (SELECT seq, hash FROM liaison_auditentry WHERE scope_code = NEW.scope_code ORDER BY seq DESC LIMIT 1) AS last
    WHERE head.scope_code = NEW.scope_code AND head.is_open;
  PERFORM set_config('app.lo', v_lo, true), set_config('app.hi', v_hi, true);
  RETURN NULL;
END $$;

-- Once a statement: an entry for every row it wrote, in order of jurisdiction and id.
-- The rows of a statement are held in memory as they are (PostgreSQL's limit of 1 GB for one value is about a million
-- of ours); what is greater is written in parts.
CREATE OR REPLACE FUNCTION liaison_audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_plain text[] := string_to_array(TG_ARGV[0], ',');
  v_salt text;
  v_old jsonb[];
  v_new jsonb[];
  v_row jsonb;
  v_detail jsonb;
  v_column text;
  v_scopes bigint[];
  v_rows bigint[];
  v_details text[];
  v_digests text[];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT array_agg(to_jsonb(r)) INTO v_old FROM old_rows AS r;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT array_agg(to_jsonb(r)) INTO v_new FROM new_rows AS r;
  END IF;
  IF coalesce(cardinality(v_new), cardinality(v_old), 0) > 1 THEN
    -- Both lists of an update are in the order its rows were written, so they pair by position, changed ids included.
    SELECT array_agg(former ORDER BY scope, id, n), array_agg(latter ORDER BY scope, id, n) INTO v_old, v_new FROM (
      SELECT former, latter, n, (coalesce(latter, former) ->> 'scope_code')::bigint AS scope,
        (coalesce(latter, former) ->> 'id')::bigint AS id
      FROM unnest(v_old, v_new) WITH ORDINALITY AS pairs (former, latter, n)) AS written;
  END IF;
  SELECT salt INTO v_salt FROM liaison_auditsalt;
  FOR i IN 1 .. coalesce(cardinality(v_new), cardinality(v_old), 0) LOOP
    v_row := coalesce(v_new[i], v_old[i]);
    CONTINUE WHEN v_old[i] = v_new[i];
    -- Plain columns with their values, all others by name only.
    v_detail := '{}';
    IF TG_OP = 'UPDATE' THEN
      FOR v_column IN SELECT key FROM jsonb_each(v_row) AS fields (key, value) WHERE v_old[i] -> key IS DISTINCT FROM value LOOP
        v_detail := v_detail || jsonb_build_object(v_column, CASE
          WHEN v_column = ANY (v_plain) THEN jsonb_build_array(v_old[i] -> v_column, v_row -> v_column) END);
      END LOOP;
    ELSE
      FOREACH v_column IN ARRAY v_plain LOOP
        CONTINUE WHEN NOT v_row ? v_column;
        v_detail := v_detail || jsonb_build_object(v_column, v_row -> v_column);
      END LOOP;
    END IF;
    -- A row of the nation's calendar has neither scope nor number: it stands in the trail of whoever changes it.
    v_scopes := v_scopes || coalesce((v_row ->> 'scope_code')::bigint, nullif(current_setting('app.lo', true), '')::bigint);
    v_rows := v_rows || coalesce(v_row ->> 'id', v_row ->> 'year', v_row ->> 'year_id')::bigint;
    v_details := v_details || v_detail::text;
    v_digests := v_digests || encode(sha256(convert_to(v_salt || v_row::text, 'UTF8')), 'hex');
  END LOOP;
  IF v_scopes IS NOT NULL THEN
    PERFORM liaison_audit_append(
      coalesce(current_setting('app.operation', true), ''), TG_TABLE_NAME::text, lower(TG_OP), v_scopes, v_rows, v_details, v_digests);
  END IF;
  RETURN NULL;
END $$;

-- A note that is not a row change: a sign-in, a reveal of a phone number, an export.
CREATE OR REPLACE FUNCTION liaison_audit_note(p_scope bigint, p_operation text, p_table text, p_row bigint, p_detail text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM liaison_audit_append(p_operation, p_table, 'note', ARRAY[p_scope], ARRAY[p_row], ARRAY[p_detail], ARRAY['']);
END $$;

CREATE OR REPLACE FUNCTION liaison_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END $$;

REVOKE ALL ON FUNCTION liaison_audit_append(text, text, text, bigint[], bigint[], text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION liaison_audit_note(bigint, text, text, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION liaison_audit_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION liaison_audit_seal() FROM PUBLIC;

-- Every row of a place is found by its interval: moved, it would hide them all, or show them to another place.
CREATE OR REPLACE FUNCTION liaison_place_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (NEW.scope_code, NEW.scope_end) IS DISTINCT FROM (OLD.scope_code, OLD.scope_end) THEN
    RAISE EXCEPTION 'the interval of a jurisdiction never changes' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS place_stays ON liaison_jurisdiction;
CREATE TRIGGER place_stays BEFORE UPDATE ON liaison_jurisdiction FOR EACH ROW EXECUTE FUNCTION liaison_place_stays();

-- Keepers of the system, of its security and of its audit do only that (三权分立): no account, and no other account of
-- the same person, holds such a role and another one on any one day. An appointment counts through the day it ends.
CREATE OR REPLACE FUNCTION liaison_keepers_apart() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_keepers text[] := ARRAY['system_admin', 'security_admin', 'audit_admin'];
  v_lo text := current_setting('app.lo', true);
  v_hi text := current_setting('app.hi', true);
  v_accounts bigint[];
  v_is_mixed boolean;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.account_id, NEW.role, NEW.starts_on) = (OLD.account_id, OLD.role, OLD.starts_on)
     AND NEW.person_ref IS NOT DISTINCT FROM OLD.person_ref AND NEW.ends_on <= coalesce(OLD.ends_on, 'infinity') THEN
    RETURN NEW;  -- Ending one mixes nothing.
  END IF;
  PERFORM set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true);
  v_accounts := ARRAY(
    SELECT NEW.account_id
    UNION SELECT other.account_id FROM liaison_appointment AS own JOIN liaison_appointment AS other USING (person_ref)
      WHERE own.account_id = NEW.account_id
    UNION SELECT account_id FROM liaison_appointment WHERE person_ref = NEW.person_ref
    UNION SELECT sibling.account_id FROM liaison_appointment AS named
      JOIN liaison_appointment AS own ON own.account_id = named.account_id
      JOIN liaison_appointment AS sibling ON sibling.person_ref = own.person_ref
      WHERE named.person_ref = NEW.person_ref);
  -- Two appointments of one account, given at the same moment, are looked at one after the other.
  PERFORM 1 FROM liaison_account WHERE id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE;
  SELECT EXISTS (
    SELECT 1 FROM liaison_appointment AS held
    WHERE held.account_id = ANY (v_accounts) AND held.id <> NEW.id AND held.role <> NEW.role
      AND (held.role = ANY (v_keepers) OR NEW.role = ANY (v_keepers))
      AND daterange(held.starts_on, held.ends_on, '[]') && daterange(NEW.starts_on, NEW.ends_on, '[]')
  ) INTO v_is_mixed;
  PERFORM set_config('app.lo', v_lo, true), set_config('app.hi', v_hi, true);
  IF v_is_mixed THEN
    RAISE EXCEPTION 'keepers of the system hold no other office' USING ERRCODE = '23P01';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION liaison_keepers_apart() FROM PUBLIC;

-- The one door through the walls for records of work: the turns, wherever, of deputies kept inside the interval of
-- whoever acts. A county's deputy takes them at stations of townships, which her own office cannot look into.
CREATE OR REPLACE FUNCTION stations_turns_of_deputies(p_mandates bigint[], p_start date, p_end date)
RETURNS TABLE (
  turn_id bigint, mandate_id bigint, deputy varchar, held_on date, begins_at time, finishes_at time, subject varchar,
  came_of_it varchar, station varchar, station_address varchar, place varchar
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_lo text := current_setting('app.lo', true);
  v_hi text := current_setting('app.hi', true);
BEGIN
  PERFORM set_config('app.lo', '0', true), set_config('app.hi', '1000000000000', true);
  RETURN QUERY
    SELECT turn.id, seat.id, upper_deputy.name, reception.day, reception.starts_at, reception.ends_at, reception.theme,
      turn.outcome, room.name, room.address, around.short_name
    FROM deputies_mandate AS seat
      JOIN stations_upperdeputy AS upper_deputy ON upper_deputy.county_mandate_id = seat.id
      JOIN stations_upperturn AS turn ON turn.upper_deputy_id = upper_deputy.id
      JOIN stations_receptionday AS reception ON reception.id = turn.reception_day_id
      JOIN stations_station AS room ON room.id = reception.station_id
      JOIN liaison_jurisdiction AS around ON around.id = room.jurisdiction_id
    WHERE seat.id = ANY (p_mandates) AND reception.day BETWEEN p_start AND p_end
      AND seat.scope_code >= nullif(v_lo, '')::bigint AND seat.scope_code < nullif(v_hi, '')::bigint
    ORDER BY reception.day, turn.id;
  PERFORM set_config('app.lo', coalesce(v_lo, ''), true), set_config('app.hi', coalesce(v_hi, ''), true);
END $$;
REVOKE ALL ON FUNCTION stations_turns_of_deputies(bigint[], date, date) FROM PUBLIC;

DROP TRIGGER IF EXISTS keepers_apart ON liaison_appointment;
CREATE TRIGGER keepers_apart BEFORE INSERT OR UPDATE ON liaison_appointment FOR EACH ROW EXECUTE FUNCTION liaison_keepers_apart();

DROP TRIGGER IF EXISTS audit_keep ON liaison_auditentry;
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON liaison_auditentry FOR EACH ROW EXECUTE FUNCTION liaison_audit_keep();
DROP TRIGGER IF EXISTS audit_keep_all ON liaison_auditentry;
CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON liaison_auditentry FOR EACH STATEMENT EXECUTE FUNCTION liaison_audit_keep();

DROP TRIGGER IF EXISTS audit_seal ON liaison_audithead;
CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT OR UPDATE ON liaison_audithead DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.is_open) EXECUTE FUNCTION liaison_audit_seal();
