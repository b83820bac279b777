-- Functions behind the audit trail. They run as the owner of the tables, so the web and worker roles
-- need no right to write the trail. gen_random_uuid() and sha256() are part of PostgreSQL itself.

CREATE TABLE IF NOT EXISTS liaison_auditsalt (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), salt text NOT NULL);
INSERT INTO liaison_auditsalt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text) ON CONFLICT DO NOTHING;
REVOKE ALL ON liaison_auditsalt FROM PUBLIC, liaison_web, liaison_worker;

CREATE OR REPLACE FUNCTION liaison_audit_append(
  p_scope bigint, p_operation text, p_reason text, p_table text, p_row bigint, p_change text, p_detail text, p_digest text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  v_actor text := left(coalesce(current_setting('app.actor', true), ''), 80);
  v_at timestamptz := clock_timestamp();
  v_seq bigint;
  v_prev text;
  v_hash text;
  v_account text := coalesce(current_setting('app.account', true), '');
  v_appointment text := coalesce(current_setting('app.appointment', true), '');
BEGIN
  IF v_actor = '' THEN
    RAISE EXCEPTION 'write without an actor on %', p_table USING ERRCODE = '42501';
  END IF;
  -- The head's row lock puts the entries of one jurisdiction in order.
  INSERT INTO liaison_audithead (scope_code, seq, hash) VALUES (p_scope, 0, repeat('0', 64)) ON CONFLICT (scope_code) DO NOTHING;
  SELECT seq + 1, hash INTO v_seq, v_prev FROM liaison_audithead WHERE scope_code = p_scope FOR UPDATE;
  v_hash := encode(sha256(convert_to(concat_ws('|',
    v_prev, p_scope, v_seq, to_char(v_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), v_actor, v_account,
    v_appointment, p_operation, p_reason, p_table, p_row, p_change, p_detail, p_digest), 'UTF8')), 'hex');
  INSERT INTO liaison_auditentry (scope_code, seq, at, actor, account_ref, appointment_ref, request_ref, operation, reason,
    table_name, row_ref, change, detail, digest, prev_hash, hash)
  VALUES (p_scope, v_seq, v_at, v_actor, nullif(v_account, '')::bigint, nullif(v_appointment, '')::bigint,
    left(coalesce(current_setting('app.request', true), ''), 40), p_operation, p_reason,
    p_table, p_row, p_change, p_detail, p_digest, v_prev, v_hash);
  UPDATE liaison_audithead SET seq = v_seq, hash = v_hash WHERE scope_code = p_scope;
END $$;

CREATE OR REPLACE FUNCTION liaison_audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  v_old jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) END;
  v_new jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) END;
  v_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
  v_plain text[] := string_to_array(TG_ARGV[0], ',');
  v_detail jsonb;
  v_operation text := left(coalesce(nullif(current_setting('app.operation', true), ''), lower(TG_OP)), 80);
BEGIN
  IF TG_OP = 'UPDATE' AND v_old = v_new THEN
    RETURN NULL;
  END IF;
  -- Plain columns with their values, all others by name only.
  SELECT coalesce(jsonb_object_agg(key, CASE
      WHEN key = ANY (v_plain) AND TG_OP = 'UPDATE' THEN jsonb_build_array(v_old -> key, v_new -> key)
      WHEN key = ANY (v_plain) THEN v_row -> key
      ELSE 'null'::jsonb END), '{}'::jsonb)
    INTO v_detail
    FROM jsonb_object_keys(v_row) AS key
    WHERE (TG_OP = 'UPDATE' AND v_old -> key IS DISTINCT FROM v_new -> key) OR (TG_OP <> 'UPDATE' AND key = ANY (v_plain));
  PERFORM liaison_audit_append(
    (v_row ->> 'scope_code')::bigint, v_operation, left(coalesce(current_setting('app.reason', true), ''), 400),
    TG_TABLE_NAME::text, (v_row ->> 'id')::bigint, lower(TG_OP), v_detail::text,
    encode(sha256(convert_to((SELECT salt FROM liaison_auditsalt) || v_row::text, 'UTF8')), 'hex'));
  RETURN NULL;
END $$;

-- A note that is not a row change: a sign-in, a reveal of a phone number, an export.
CREATE OR REPLACE FUNCTION liaison_audit_note(p_scope bigint, p_operation text, p_table text, p_row bigint, p_detail text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM liaison_audit_append(p_scope, left(p_operation, 80), left(coalesce(current_setting('app.reason', true), ''), 400),
    p_table, p_row, 'note', p_detail, '');
END $$;

CREATE OR REPLACE FUNCTION liaison_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = '42501';
END $$;

REVOKE ALL ON FUNCTION liaison_audit_append(bigint, text, text, text, bigint, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION liaison_audit_note(bigint, text, text, bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION liaison_audit_change() FROM PUBLIC;

DROP TRIGGER IF EXISTS audit_keep ON liaison_auditentry;
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON liaison_auditentry FOR EACH ROW EXECUTE FUNCTION liaison_audit_keep();
DROP TRIGGER IF EXISTS audit_keep_all ON liaison_auditentry;
CREATE TRIGGER audit_keep_all BEFORE TRUNCATE ON liaison_auditentry FOR EACH STATEMENT EXECUTE FUNCTION liaison_audit_keep();
