-- What was published stands (domain.md 0.8): the database itself refuses to change it, whoever asks.
-- SQLSTATE 23001 (restrict_violation), so that Django reports an IntegrityError.

-- A published sheet may only be superseded, with not one figure changed; no sheet that was published is deleted.
CREATE OR REPLACE FUNCTION assessments_sheet_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'computed' THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state'
     AND (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'superseded')) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a published score sheet is never changed' USING ERRCODE = '23001';
END $$;

-- Lines belong to their sheet: they are written while it is computed, and never again.
CREATE OR REPLACE FUNCTION assessments_line_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_open boolean;
BEGIN
  SELECT bool_and(state = 'computed') INTO v_open FROM assessments_scoresheet
    WHERE id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.sheet_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.sheet_id END);
  IF coalesce(v_open, false) THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'the lines of a published score sheet are never changed' USING ERRCODE = '23001';
END $$;

-- A numbered letter keeps its number, its date, its addressee and its sheet, and is never torn out.
CREATE OR REPLACE FUNCTION assessments_number_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_fixed text[] := TG_ARGV;
  v_column text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    FOREACH v_column IN ARRAY v_fixed LOOP
      IF to_jsonb(NEW) -> v_column IS DISTINCT FROM to_jsonb(OLD) -> v_column THEN
        RAISE EXCEPTION 'the % of an issued document is never changed', v_column USING ERRCODE = '23001';
      END IF;
    END LOOP;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an issued document is never deleted' USING ERRCODE = '23001';
END $$;

-- A scheme in use is succeeded by a new version, not rewritten.
CREATE OR REPLACE FUNCTION assessments_scheme_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - 'locked_at' = to_jsonb(OLD) - 'locked_at') AND (OLD.locked_at IS NULL OR NEW.locked_at = OLD.locked_at) THEN
    RETURN NEW;
  END IF;
  IF OLD.locked_at IS NOT NULL
     OR EXISTS (SELECT 1 FROM assessments_assessment WHERE scheme_id = OLD.id AND state <> 'draft') THEN
    RAISE EXCEPTION 'a scheme in use is never rewritten' USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS sheet_stands ON assessments_scoresheet;
CREATE TRIGGER sheet_stands BEFORE UPDATE OR DELETE ON assessments_scoresheet
  FOR EACH ROW EXECUTE FUNCTION assessments_sheet_stands();
DROP TRIGGER IF EXISTS line_stands ON assessments_scoreline;
CREATE TRIGGER line_stands BEFORE INSERT OR UPDATE OR DELETE ON assessments_scoreline
  FOR EACH ROW EXECUTE FUNCTION assessments_line_stands();
DROP TRIGGER IF EXISTS number_stands ON assessments_feedbacknotice;
CREATE TRIGGER number_stands BEFORE UPDATE OR DELETE ON assessments_feedbacknotice
  FOR EACH ROW EXECUTE FUNCTION assessments_number_stands(
    'scope_code', 'assessment_id', 'sheet_id', 'mandate_id', 'organ_code', 'organ_year', 'organ_number', 'issued_on', 'chain_head');
DROP TRIGGER IF EXISTS number_stands ON assessments_circular;
CREATE TRIGGER number_stands BEFORE UPDATE OR DELETE ON assessments_circular
  FOR EACH ROW EXECUTE FUNCTION assessments_number_stands(
    'scope_code', 'assessment_id', 'organ_code', 'organ_year', 'organ_number', 'issued_on');
DROP TRIGGER IF EXISTS scheme_stands ON assessments_scheme;
CREATE TRIGGER scheme_stands BEFORE UPDATE ON assessments_scheme
  FOR EACH ROW EXECUTE FUNCTION assessments_scheme_stands();
